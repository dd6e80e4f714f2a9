/** Exit codes, fault kinds, and what the doctor finds. */
import { describeExitCodes, somethingLeft } from '../../src/cli/exit-codes.ts'
import { findingCodes } from '../../src/model/finding.ts'
import { code, type Page, page, table } from './page.ts'

/** docs/reference/exit-codes.md. */
export const exitCodesPage = (): Page =>
  page('exit-codes.md', 'Exit codes', [
    table(
      ['code', 'kinds of fault', 'meaning'],
      describeExitCodes().map(({ code: number, kinds, meaning }) => [code(String(number)), kinds.map(code).join(' '), meaning]),
    ),
    'A failure prints one line on stderr that names the object and the obstacle, then `try:` with the next step. ' +
      'With `--json` stdout also gets one object: `code`, `kind`, `message`, `requestId`, and `hint` and `details` when there are any.',
  ])

/** docs/reference/findings.md. */
export const findingsPage = (): Page =>
  page('findings.md', 'Findings of the doctor', [
    table(
      ['code', 'meaning'],
      Object.entries(findingCodes).map(([name, meaning]) => [code(name), meaning]),
    ),
    `\`nova doctor\` exits ${somethingLeft} when something it found is not repaired, also when a host does not answer. \`nova doctor --fix\` ` +
      "applies every repair that it names. No repair removes a disk that could be somebody's only copy: such directories go to " +
      '`.lost` below the instances directory of their host, and wait there for a person. ' +
      'A finding without one (an unknown guest, two copies of one server) is left alone. ' +
      '`--deep` also reads every cached image on the hosts, at low priority. `-f junit` writes JUnit XML, a test case for each code and object.',
  ])
