/** Things that are made when they are first used: a read does not pay for what it does not need. */

/** Stands for something whose methods are all asynchronous, and makes it on the first call. */
export function lazily<T extends object>(make: () => Promise<T>): T {
  let made: Promise<T> | undefined
  const call =
    (name: PropertyKey) =>
    async (...args: unknown[]) => {
      made ??= make()
      const target = await made
      const method: unknown = Reflect.get(target, name)
      return Reflect.apply(method as (...args: unknown[]) => unknown, target, args)
    }
  return new Proxy({} as T, { get: (_, name) => call(name) })
}
