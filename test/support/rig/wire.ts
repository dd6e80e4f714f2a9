/** One direction of the way between two machines of a rig. Cut, its packets vanish: neither end is told. */
import { sh } from './rig-place.ts'

export interface Wire {
  cut(): void
  /** Answers how many packets have vanished. */
  heal(): number
}

export interface WireEnd {
  /** The namespace whose packet filter does it. */
  readonly namespace: string
  /** Of the other end. */
  readonly address: string
  /** Only what is said with this TCP port of the other end; everything when left out. */
  readonly port?: number
}

/** What the namespace sends to the other end. */
export const wireOut = (end: WireEnd): Wire => wire(end, 'OUTPUT', ['-d', `${end.address}/32`], '--dport')
/** What it gets from there. */
export const wireBack = (end: WireEnd): Wire => wire(end, 'INPUT', ['-s', `${end.address}/32`], '--sport')

function wire({ namespace, port }: WireEnd, chain: string, words: readonly string[], portWord: string): Wire {
  const rule = [chain, ...words, ...(port === undefined ? [] : ['-p', 'tcp', portWord, String(port)]), '-j', 'DROP']
  const filter = (...argv: readonly string[]) => sh('ip', 'netns', 'exec', namespace, 'iptables', '-w', ...argv)
  const isRule = (line: string) =>
    line.includes(`${words.join(' ')} `) &&
    line.includes(port === undefined ? '-j DROP' : `${portWord} ${port} `) &&
    line.includes('-p tcp') === (port !== undefined)
  let isCut = false
  return {
    cut() {
      if (!isCut) filter('-A', ...rule)
      isCut = true
    },
    heal() {
      if (!isCut) return 0
      const line = filter('-v', '-S', chain).split('\n').find(isRule)
      filter('-D', ...rule)
      isCut = false
      return Number(/ -c (\d+) /.exec(line ?? '')?.[1] ?? 0)
    },
  }
}
