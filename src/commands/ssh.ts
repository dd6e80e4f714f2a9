import { ssh } from '../actions/server/ssh.ts'
import { commandFor } from '../cli/command-for.ts'

export default commandFor(ssh, {
  args: ['server', 'command'],
  aliases: ['server-ssh'],
  flags: { login: { char: 'l' }, identity: { char: 'i', file: 'path' } },
  ask: { server: { list: 'server.list' } },
  render: () => '',
  after: async (target) => {
    const { openSsh } = await import('../cli/open-ssh.ts')
    return openSsh({ ...target, identity: target.identity })
  },
  examples: ['nova ssh web-1', 'nova ssh web-1 --login debian -i ~/.ssh/id_ed25519 -- uname -a'],
})
