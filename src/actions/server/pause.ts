import { operationAction } from './operate.ts'

export const pause = operationAction('pause', 'pause servers: the guests keep their memory and stop running')
