import { operationAction } from './operate.ts'

export const start = operationAction('start', 'start stopped servers')
