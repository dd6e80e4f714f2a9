import { operationAction } from './operate.ts'

export const resume = operationAction('resume', 'start suspended servers from their saved memory')
