/** Exit codes and fault kinds. */
import { describeExitCodes } from '../../src/cli/exit-codes.ts'
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
