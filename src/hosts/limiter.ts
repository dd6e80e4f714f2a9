/** At most so many pieces of work at a time; the others wait in the order in which they came. */
export interface Limiter {
  /** Rejects with the signal's reason when it aborts before the work began. */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
  running(): number
}

export function limiter(most: number): Limiter {
  const waiting: (() => void)[] = []
  let running = 0
  const turn = (signal: AbortSignal): Promise<void> => {
    if (running < most) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(go)
    })
  }
  return {
    running: () => running,
    async run(signal, work) {
      signal.throwIfAborted()
      while (running >= most) await turn(signal)
      running += 1
      try {
        return await work()
      } finally {
        running -= 1
        waiting.shift()?.()
      }
    },
  }
}
