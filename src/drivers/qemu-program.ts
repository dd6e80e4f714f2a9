/** The emulator and what it is forbidden. */
import { optionString } from './option-string.ts'

/** What guests run on here: found by a probe, see accelerator.ts. */
export interface Acceleration {
  readonly accelerator: 'kvm' | 'tcg'
  /** Whether this qemu was built with seccomp. */
  readonly sandbox: boolean
}

export const qemuProgram = 'qemu-system-x86_64'

/** What a guest that broke out of its devices may not do: start programs, change its user, its limits or its priority. */
export const sandboxOptions = optionString('on', {
  obsolete: 'deny',
  elevateprivileges: 'deny',
  spawn: 'deny',
  resourcecontrol: 'deny',
})
