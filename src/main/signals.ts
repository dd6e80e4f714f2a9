/** How a daemon is told to end. */

/** Resolves with the signal that ends the service; SIGHUP is for `onHangup`. */
export function endOfService(onHangup: () => void): Promise<NodeJS.Signals> {
  // The command line's own handler would end the process without draining.
  process.removeAllListeners('SIGINT')
  process.on('SIGHUP', onHangup)
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
}
