/** Runs command lines through the unbundled dispatcher: argv lists as JSON on stdin, what each printed as JSON on stdout. */
import { readFileSync } from 'node:fs'
import { dispatch } from '../../src/cli/dispatch.ts'

const lines: string[][] = JSON.parse(readFileSync(0, 'utf8'))
const results: { code: number; out: string; err: string }[] = []
const write = process.stdout.write.bind(process.stdout)

for (const argv of lines) {
  const printed = { out: '', err: '' }
  process.stdout.write = (text) => {
    printed.out += String(text)
    return true
  }
  process.stderr.write = (text) => {
    printed.err += String(text)
    return true
  }
  results.push({ code: await dispatch(argv, process.env), ...printed })
}
write(JSON.stringify(results))
