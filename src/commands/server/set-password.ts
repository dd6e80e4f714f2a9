import { setPassword } from '../../actions/server/set-password.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(setPassword, {
  args: ['server'],
  aliases: ['set-password', 'root-password'],
  ask: { server: { list: 'server.list' } },
  flags: { password: { name: 'password-file', file: 'text' } },
  columns: ['server', 'user'],
  done: ({ server, user }) => `password of ${user} on ${server} is set`,
  examples: [
    'nova server set-password web-1 --password-file secret.txt',
    'printf %s "$PASSWORD" | nova server set-password web-1 --password-file -',
  ],
})
