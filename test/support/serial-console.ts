/** A person at a guest's serial console. */
import type { Duplex } from 'node:stream'
import { eventually } from './eventually.ts'

/** Types `line` and resolves with everything the guest sent once it contains `answer`. */
export async function typeLine(console: Duplex, line: string, answer: string, ms = 30_000): Promise<string> {
  let seen = ''
  const listen = (chunk: Buffer) => {
    seen += chunk.toString('utf8')
  }
  console.on('data', listen)
  console.write(`${line}\n`)
  try {
    return await eventually(`the answer ${answer} to ${line}`, async () => seen.includes(answer) && seen, ms)
  } finally {
    console.off('data', listen)
  }
}
