/** Answers that were given, by the id of their message, for messages that come again. */

/** A message comes again within seconds of a broken connection; these last for many times as many messages as may be under way. */
const mostAnswers = 20_000
const mostBytes = 64 * 1024 ** 2
/** Longer answers (a console's log, a survey) are those of reads, which may be done twice. */
const longest = 256 * 1024

export class Remembered {
  readonly #answers = new Map<string, Buffer>()
  #bytes = 0

  get(id: string): Buffer | undefined {
    return this.#answers.get(id)
  }

  put(id: string, answer: Buffer): void {
    if (answer.length > longest) return
    this.#answers.set(id, answer)
    this.#bytes += answer.length
    for (const [oldest, text] of this.#answers) {
      if (this.#answers.size <= mostAnswers && this.#bytes <= mostBytes) return
      this.#answers.delete(oldest)
      this.#bytes -= text.length
    }
  }
}
