// Loaded before a program: its wall clock is ahead of the real one by the milliseconds in the file that MOVED_CLOCK names, read
// again and again. Durations, timers and the kernel's own times stay as they are.
import { readFileSync } from 'node:fs'

const file = process.env.MOVED_CLOCK
const RealDate = Date
const realNow = Date.now
let [offset, readAt] = [0, Number.NEGATIVE_INFINITY]

function now() {
  const monotonic = performance.now()
  if (monotonic - readAt > 5) {
    readAt = monotonic
    try {
      offset = Number(readFileSync(file, 'utf8')) || 0
    } catch {
      // A file that is being replaced: the offset of before.
    }
  }
  return realNow() + offset
}

if (file !== undefined) {
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now())
      else super(...args)
    }

    static now() {
      return now()
    }
  }
}
