/** Waits for a guest that ends by itself: its process is gone. One client at a time may use a monitor, so none is held open. */
import type { QemuContext } from './context.ts'

const graceMs = 15_000
const changed = 3

/**
 * Constant text; the instances directory and the seconds are its parameters. A guest that began while it waits is watched too; a
 * pid file without a process is a guest that was stopped before. A process that ended and was not yet reaped has no command line.
 */
const script = `
lives() {
  line=
  read -r line 2>/dev/null <"/proc/$1/cmdline"
  [ -n "$line" ]
}
alive() {
  for file in "$1"/*/qemu*.pid; do
    read -r pid _ 2>/dev/null <"$file" || continue
    case $pid in '' | *[!0-9]*) continue ;; esac
    lives "$pid" && printf '%s ' "$pid"
  done
}
before=$(alive "$1")
left=$2
while [ "$left" -gt 0 ]; do
  sleep 1
  for pid in $before; do lives "$pid" || exit ${changed}; done
  before=$(alive "$1")
  left=$((left - 1))
done`

/** True when the process of any guest of the host ended within the time. */
export async function awaitGuestEnd(
  { host, instancesPath }: QemuContext,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const seconds = String(Math.max(1, Math.round(timeoutMs / 1000)))
  const argv = ['sh', '-c', script, 'await-change', instancesPath, seconds]
  const options = { effect: 'read', okExitCodes: [0, changed], deadlineMs: timeoutMs + graceMs, signal } as const
  return (await host.run(argv, options)).exitCode === changed
}
