import { importKey } from '../../actions/keypair/import.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(importKey, {
  args: ['name', 'publicKey'],
  aliases: ['keypair-import'],
  flags: { publicKey: { file: 'text' } },
  columns: ['name', 'type', 'fingerprint', 'sha256'],
  done: ({ name, sha256 }) => `kept public key ${name}, ${sha256}`,
  examples: ['nova keypair import mine ~/.ssh/id_ed25519.pub', 'ssh-add -L | head -n 1 | nova keypair import mine -'],
})
