/** What may not stand outside adapters, so that a whole fleet can be simulated from a seed. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: `src/${file}`, text: withoutComments(readFileSync(path.join(root, 'src', file), 'utf8')) }))

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** Files that are adapters to the outside world; the CLI's two are the terminal itself. */
const adapters =
  /^src\/(system\/|hosts\/(local|ssh|known-hosts)|main(\.ts|\/)|api\/|state\/postgres\/|bus\/rabbitmq|cli\/(outside|contexts|clouds|attach-console|open-ssh|command-table)\.ts|image\/)/

const bans = [
  { what: 'the wall clock', pattern: /\bDate\.now\(|new Date\(\)/, except: adapters },
  { what: 'timers', pattern: /\b(setTimeout|setInterval|setImmediate)\(/, except: adapters },
  { what: 'AbortSignal.timeout', pattern: /AbortSignal\.timeout/, except: adapters },
  { what: 'randomness', pattern: /Math\.random|crypto\.random|getRandomValues|randomBytes|randomUUID/, except: adapters },
  {
    what: 'files, sockets and processes',
    pattern: /from 'node:(fs|fs\/promises|net|child_process|dgram|http|https|tls)'/,
    except: adapters,
  },
  { what: 'process.hrtime', pattern: /process\.hrtime/, except: adapters },
  { what: 'locale dependent order', pattern: /localeCompare|toLocale/, except: /^$/ },
  {
    what: 'printing',
    pattern: /\bconsole\.(log|error|warn|info|debug)\(|process\.(stdout|stderr)\b/,
    except: /^src\/(cli\/|image\/save)/,
  },
  { what: 'z.object with unknown keys dropped in an input', pattern: /input: z\.object/, except: /^$/ },
] as const

describe('sources', () => {
  it.each(bans)('keep $what in adapters', ({ pattern, except }) => {
    const offenders = sources.filter(({ file, text }) => !except.test(file) && pattern.test(text)).map(({ file }) => file)
    expect(offenders).toEqual([])
  })

  it('make an ssh client in one place, with a verifier of host keys', () => {
    const makers = sources.filter(({ text }) => /new (Ssh)?Client\(/.test(text))
    expect(makers.map(({ file }) => file)).toEqual(['src/hosts/ssh-client.ts'])
    expect(makers[0]?.text.match(/new SshClient\(/g)).toHaveLength(1)
    expect(makers[0]?.text).toContain('hostVerifier: (key')
  })

  it('are at most 250 lines each', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 250).map(({ file }) => file)
    expect(long).toEqual([])
  })

  it('have no file that says nothing about its purpose', () => {
    const names = sources.map(({ file }) => path.basename(file))
    expect(names.filter((name) => /^(utils?|helpers?|common|misc|manager|base)\.ts$/.test(name))).toEqual([])
  })
})
