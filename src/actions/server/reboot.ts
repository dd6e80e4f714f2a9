import { shutdownAction } from './operate.ts'

export const reboot = shutdownAction('reboot', 'reboot servers')
