/** Talks to qemu's guest agent inside a guest, if there is one. */
import { Fault } from '../../core/fault.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { fieldsOf, JsonLines } from './json-lines.ts'

const answerMs = 3000

/** Sets a user's password. `unsupported` when no agent answers within 3 s; `invalid` with the agent's words when it refuses. */
export async function setPassword(context: QemuContext, paths: GuestPaths, user: string, password: string): Promise<void> {
  const { host, clock } = context
  const lines = new JsonLines(
    await host.connect(paths.agent),
    clock,
    `the guest agent in ${paths.directory} on host ${host.name}`,
  )
  try {
    await synchronize(context, lines)
    const encoded = Buffer.from(password).toString('base64')
    lines.send({ execute: 'guest-set-user-password', arguments: { username: user, password: encoded, crypted: false } })
    const reply = await lines.next(answerMs, 'guest-set-user-password')
    if (reply.has('return')) return
    const reason = String(fieldsOf(reply.get('error'))?.get('desc')).slice(0, 200)
    throw new Fault('invalid', `the guest refuses a password for user ${user}: ${reason}`)
  } finally {
    lines.close()
  }
}

/** Skips what an earlier client left unread: the answer to our own number is the first that counts. */
async function synchronize({ clock, random }: QemuContext, lines: JsonLines): Promise<void> {
  const id = new DataView(random.bytes(4).buffer).getUint32(0)
  const end = clock.monotonic() + answerMs
  lines.send({ execute: 'guest-sync', arguments: { id } })
  try {
    while ((await lines.next(Math.max(1, Math.ceil(end - clock.monotonic())), 'guest-sync')).get('return') !== id);
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'timeout')) throw error
    throw new Fault('unsupported', `no guest agent answered within ${answerMs} ms`, {
      hint: 'install qemu-guest-agent in the guest',
      cause: error,
    })
  }
}
