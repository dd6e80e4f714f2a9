/** Text as man pages want it. */

/** One line of text: nothing in it is taken for a request, an escape or a typographic dash. */
export const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '')
    .replace(/[…×≤→]/g, (sign) => signs.get(sign) ?? sign)
    .replace(/\s+/g, ' ')
    .replace(/^([.'])/, '\\&$1')

const signs: ReadonlyMap<string, string> = new Map([
  ['…', '...'],
  ['×', 'x'],
  ['≤', '<='],
  ['→', 'to'],
])

export const section = (title: string) => `.SH ${title}`
export const bold = (text: string) => `\\fB${roff(text)}\\fR`
/** A term and what it means. */
export const item = (term: string, text: string) => ['.TP', bold(term), roff(text) || '\\&'].join('\n')
/** Lines as they are. */
export const verbatim = (lines: readonly string[]) => ['.nf', ...lines.map(roff), '.fi'].join('\n')
/** A page without a date, so that it changes only with what it says. */
export const manPage = (name: string, version: string, blocks: readonly string[]) =>
  `${[`.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "novakit ${version}" "novakit"`, ...blocks].join('\n')}\n`
