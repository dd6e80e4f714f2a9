/** A terminal on a server's serial console: keys go to the guest, its output comes here, Ctrl-] leaves. */
import type { Duplex } from 'node:stream'
import { Fault } from '../core/fault.ts'
import type { Screen } from './screen.ts'

/** Ctrl-], as telnet and virsh use it. */
const escapeByte = 0x1d

/** Connects the terminal until the user leaves or the console closes; resolves with the exit code. */
export async function attachConsole(server: string, socket: Duplex, screen: Screen): Promise<number> {
  const { stdin } = process
  if (!screen.interactive) {
    socket.destroy()
    throw new Fault('invalid', 'console attach needs a terminal', { hint: `nova console log ${server}` })
  }
  screen.err(`attached to ${server}; press Ctrl-] to leave\n`)
  stdin.setRawMode(true)
  return new Promise((resolve) => {
    const leave = (why: string, code: number) => {
      stdin.setRawMode(false)
      stdin.pause()
      stdin.removeAllListeners('data')
      socket.destroy()
      screen.err(`\n${why}\n`)
      resolve(code)
    }
    stdin.on('data', (bytes: Buffer) => {
      const end = bytes.indexOf(escapeByte)
      if (end !== 0) socket.write(end < 0 ? bytes : bytes.subarray(0, end))
      if (end >= 0) leave(`left ${server}`, 0)
    })
    // Bytes of the guest go to the terminal as they are: that is what a console is.
    socket.on('data', (bytes: Buffer) => screen.out(bytes.toString('utf8')))
    socket.once('close', () => leave(`the console of ${server} closed`, 0))
    socket.once('error', (error) => leave(`the console of ${server} failed: ${error.message}`, 1))
  })
}
