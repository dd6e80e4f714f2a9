/** Things that are made when they are first used: a read does not pay for what it does not need. */

/** Stands for something whose methods are asynchronous, but for those in `ready`, and makes it on the first call. */
export function lazily<T extends object>(make: () => Promise<T>, ready: Partial<T> = {}): T {
  let made: Promise<T> | undefined
  const call =
    (name: PropertyKey) =>
    async (...args: unknown[]) => {
      made ??= make()
      const target = await made
      const method: unknown = Reflect.get(target, name)
      return Reflect.apply(method as (...args: unknown[]) => unknown, target, args)
    }
  return new Proxy({} as T, { get: (_, name) => Reflect.get(ready, name) ?? call(name) })
}
