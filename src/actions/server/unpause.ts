import { operationAction } from './operate.ts'

export const unpause = operationAction('unpause', 'let paused servers run on')
