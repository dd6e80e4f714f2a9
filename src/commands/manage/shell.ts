import { commandFor } from '../../cli/command-for.ts'
import { manageShell } from '../../cli/manage-shell.ts'

export default commandFor(manageShell, {
  done: () => '',
  examples: ['nova manage shell', "echo 'await server.list({})' | nova-manage shell"],
})
