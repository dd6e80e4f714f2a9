/** The guest `web` of a fleet: it counts at its console, and remembers a word behind what its image has. */
import { eventually } from './eventually.ts'
import type { RigFleet } from './rig-fleet.ts'

/** The line that makes it count. */
export const count = '(n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.2; done) &'

/** `fleet` is asked for at each question: it comes to be while a suite is set up. */
export function countingGuest(fleet: () => RigFleet) {
  const ticks = async () => {
    const log = await fleet().out('console-log', 'web', '--length', '50')
    return Math.max(0, ...[...log.matchAll(/tick (\d+)/g)].map(([, tick]) => Number(tick)))
  }
  return {
    keepsCounting: async () => {
      const before = await ticks()
      if (before === 0) throw new Error('web does not count')
      await eventually('further ticks', async () => (await ticks()) > before + 2)
    },
    write: (word: string) =>
      fleet().type(
        'web',
        `echo ${word} | dd of=/dev/vda bs=1M seek=900 conv=notrunc,fsync 2>/dev/null; echo "<$((6*7))>"`,
        '<42>',
      ),
    reads: (word: string, device = 'vda') =>
      fleet().type(
        'web',
        `echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/${device} bs=1M skip=900 count=1 2>/dev/null | head -n 1`,
        word,
      ),
  }
}
