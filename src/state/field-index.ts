/** Ids by the value of one field, for processes that ask often and for unique keys. */

/** Ids of one value before they become a set: a set takes more memory than as many strings. */
const mostInList = 16

export class FieldIndex {
  /** A value that one record has, such as most names, keeps its id alone: a set for each would be most of the memory. */
  readonly #ids = new Map<unknown, string | string[] | Set<string>>()

  /** Adding an id again does nothing. */
  add(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    if (ids === undefined) this.#ids.set(value, id)
    else if (typeof ids === 'string') {
      if (ids !== id) this.#ids.set(value, [ids, id])
    } else if (ids instanceof Set) ids.add(id)
    else if (!ids.includes(id) && ids.push(id) > mostInList) this.#ids.set(value, new Set(ids))
  }

  remove(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    if (ids === undefined) return
    if (typeof ids === 'string') {
      if (ids === id) this.#ids.delete(value)
    } else if (ids instanceof Set) {
      if (ids.delete(id) && ids.size === 0) this.#ids.delete(value)
    } else if (ids.includes(id)) {
      if (ids.length === 1) this.#ids.delete(value)
      else ids.splice(ids.indexOf(id), 1)
    }
  }

  countOf(value: unknown): number {
    const ids = this.#ids.get(value)
    if (ids === undefined) return 0
    if (typeof ids === 'string') return 1
    return ids instanceof Set ? ids.size : ids.length
  }

  idsOf(value: unknown): Iterable<string> {
    const ids = this.#ids.get(value)
    return typeof ids === 'string' ? [ids] : (ids ?? [])
  }
}
