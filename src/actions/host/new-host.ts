/** One host as flags or a file describe it. */
import { object, slug, text, z } from '../../core/schema.ts'
import { hostFields } from './host-fields.ts'

export const newHost = object({
  name: slug().describe('name of the host'),
  driver: z.enum(['fake', 'qemu', 'libvirt']).default('qemu').describe('what runs its guests'),
  address: text(300)
    .regex(/^[A-Za-z0-9_[][A-Za-z0-9_.@:[\]$-]*$/)
    .default('local')
    .describe('local for this machine, else [user@]name[:port] for ssh'),
  identity: text(1024).optional().describe('private key of the ssh login; else the usual ones and the agent'),
  jump: text(1024).optional().describe('ssh hosts to pass through, with commas between them'),
  sudo: z.boolean().default(false).describe('run commands there with sudo -n'),
  acceptNew: z.boolean().default(false).describe('accept the key of a host that is not known yet'),
  instancesPath: text(1024)
    .regex(/^\/(?!.*(^|\/)\.\.(\/|$))/)
    .optional()
    .describe('absolute directory of its servers and cached images'),
  disabled: z.boolean().default(false).describe('takes no servers until it is enabled'),
  ...hostFields,
})
export type NewHost = z.infer<typeof newHost>
