const mask = '***'

/** A value that prints as `***` everywhere; `reveal()` is the only way to the text. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return mask
  }
  toJSON(): string {
    return mask
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask
  }
}
