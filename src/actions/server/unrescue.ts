import { operationAction } from './operate.ts'

export const unrescue = operationAction('unrescue', 'boot rescued servers from their own disks again')
