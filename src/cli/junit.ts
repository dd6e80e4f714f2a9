/** JUnit XML of a list of checks, for CI systems. Every text enters through one escaping. */

/** One check of one object; `failure` is why it did not pass. */
export interface JunitCase {
  /** The check. */
  readonly className: string
  /** The object. */
  readonly name: string
  readonly failure?: { readonly type: string; readonly message: string } | undefined
}

/** The report of one suite. */
export function junit(suite: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const totals = attributes({ name: suite, tests: String(cases.length), failures: String(failures), errors: '0' })
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', `  <testsuite${totals}>`]
  return [...lines, ...cases.flatMap(caseLines), '  </testsuite>', '</testsuites>'].join('\n')
}

function caseLines({ className, name, failure }: JunitCase): string[] {
  const head = `    <testcase${attributes({ classname: className, name })}`
  if (!failure) return [`${head}/>`]
  return [`${head}>`, `      <failure${attributes(failure)}/>`, '    </testcase>']
}

const attributes = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('')

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\n', '&#10;'],
  ['\t', '&#9;'],
])

/** What XML cannot hold, and what would move the cursor of a terminal, becomes a replacement character. */
const escaped = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: replacing them is the point
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"\n\t]/g, (letter) => entities.get(letter) ?? letter)
