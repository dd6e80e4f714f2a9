/** Servers that speak no ssh, or speak it badly. */
import { createServer, type Socket } from 'node:net'
import type { FaultKind } from '../../src/core/fault.ts'
import type { FakeSshdOptions } from '../support/fake-sshd.ts'
import { listening } from '../support/wire-proxy.ts'

const mebibyte = 1024 ** 2

/** Somebody who speaks no ssh. */
export async function impostor(greet: (socket: Socket) => void): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    greet(socket)
  })
  return {
    port: await listening(server),
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const greetings: Readonly<Record<string, (socket: Socket) => void>> = {
  'a banner of garbage': (socket) => void socket.write(Buffer.alloc(4096, 0xfe)),
  'a line of 64 KB for a banner': (socket) => void socket.write('x'.repeat(65_536)),
  'a banner and nothing more': (socket) => void socket.write('SSH-2.0-nothing\r\n'),
  'no word at all': () => undefined,
  'a banner and then garbage': (socket) => void socket.write(`SSH-2.0-garbage\r\n${'y'.repeat(200_000)}`),
  'an end at once': (socket) => void socket.end(),
}

const flood = (write: (bytes: Buffer) => boolean, once: (event: 'drain', more: () => void) => void): void => {
  const bytes = Buffer.alloc(mebibyte, 'f')
  const pour = () => {
    while (write(bytes));
    once('drain', pour)
  }
  pour()
}

export const servers: Readonly<
  Record<string, { readonly options: FakeSshdOptions; readonly kinds: readonly (FaultKind | 'done')[] }>
> = {
  'refuses every channel': { options: { refusals: Number.POSITIVE_INFINITY }, kinds: ['unreachable', 'timeout'] },
  'refuses two channels': { options: { refusals: 2 }, kinds: ['done', 'unreachable'] },
  'ends without an exit status': { options: { exec: (channel) => void channel.end() }, kinds: ['internal'] },
  'floods stdout': {
    options: {
      exec: (channel) =>
        flood(
          (bytes) => channel.write(bytes),
          (event, more) => channel.once(event, more),
        ),
    },
    kinds: ['internal', 'timeout', 'unreachable'],
  },
  'floods stderr': {
    options: {
      exec: (channel) =>
        flood(
          (bytes) => channel.stderr.write(bytes),
          (event, more) => channel.stderr.once(event, more),
        ),
    },
    kinds: ['internal', 'timeout', 'unreachable'],
  },
  'never ends a command': { options: { exec: () => undefined }, kinds: ['timeout', 'unreachable'] },
  'closes a command at once': { options: { exec: (channel) => void channel.close() }, kinds: ['internal', 'unreachable'] },
}
