/** What works on one thing now, by its name. */
const turns = new Map<string, Promise<unknown>>()

/** Runs `work` after everything of the same name: in one process this stands for the lock that a real host's fence takes. */
export function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(name) ?? Promise.resolve()).then(work)
  const over: Promise<unknown> = turn
    .catch(() => undefined)
    .finally(() => {
      if (turns.get(name) === over) turns.delete(name)
    })
  turns.set(name, over)
  return turn
}
