import { operationAction } from './operate.ts'

export const suspend = operationAction('suspend', "save servers' memory to disk and end their processes")
