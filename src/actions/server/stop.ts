import { shutdownAction } from './operate.ts'

export const stop = shutdownAction('stop', 'shut servers down')
