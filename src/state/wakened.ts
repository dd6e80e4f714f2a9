/** Waits until somebody calls what it adds to `watchers`, or until `signal` aborts. */
export async function wakened(watchers: Set<() => void>, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined
  const woken = new Promise<void>((resolve) => {
    wake = resolve
  })
  watchers.add(wake)
  signal.addEventListener('abort', wake)
  try {
    if (!signal.aborted) await woken
  } finally {
    watchers.delete(wake)
    signal.removeEventListener('abort', wake)
  }
}
