import { create } from '../../actions/keypair/create.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(create, {
  args: ['name'],
  aliases: ['keypair-add'],
  flags: { publicKey: { file: 'text', aliases: ['pub-key'] } },
  columns: ['name', 'type', 'fingerprint', 'sha256'],
  render: ({ name, sha256, privateKey }) => privateKey?.trimEnd() ?? `kept public key ${name}, ${sha256}`,
  examples: [
    'nova keypair create mine > mine.pem && chmod 600 mine.pem',
    'nova keypair create mine --algorithm rsa --bits 4096',
    'nova keypair create mine --public-key ~/.ssh/id_ed25519.pub',
  ],
})
