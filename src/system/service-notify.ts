/** Tells systemd how the service is, when systemd asked for it; node has no datagram sockets, systemd-notify has. */

/** Sends a state such as `READY=1`; nothing happens without NOTIFY_SOCKET, and a failure is nobody's problem. */
export async function notifyService(...states: readonly string[]): Promise<void> {
  if (!process.env.NOTIFY_SOCKET) return
  const { execFile } = await import('node:child_process')
  await new Promise<void>((resolve) => {
    execFile('systemd-notify', [`--pid=${process.pid}`, ...states], { timeout: 5000 }, () => resolve())
  })
}

/** Says that settings are read again while `work` does so; for which systemd wants the time by its own clock. */
export async function notifyReload<T>(work: () => Promise<T>): Promise<T> {
  await notifyService('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`)
  try {
    return await work()
  } finally {
    await notifyService('READY=1')
  }
}

/** Milliseconds between two signs of life that systemd wants, half of its patience; undefined when it wants none. */
export function watchdogMs(): number | undefined {
  const micros = Number(process.env.WATCHDOG_USEC)
  return micros > 0 ? micros / 2000 : undefined
}
