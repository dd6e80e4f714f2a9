/** Wrong words, values and things: one line that names the object, a next step, an exit code by kind, and nothing changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { anMbrDisk, aQcow2 } from '../support/disk-images.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1')
  const files = {
    'tiny.qcow2': aQcow2(),
    'text.txt': 'just a text\n',
    'big.txt': 'a'.repeat(65_536),
    'umlauts.txt': 'ü'.repeat(40_000),
  }
  for (const [name, content] of Object.entries(files)) cloud.file(name, content)
  cloud.file('large.raw', anMbrDisk(3 * 1024 * 1024))
  cloud.file('backed.qcow2', backedByAnother())
  await cloud.out('flavor', 'create', 'm1.disk', '--ram', '64', '--vcpus', '1', '--disk', '1')
  await cloud.out('image', 'create', 'large', '--file', `${cloud.home}/tiny.qcow2`, '--min-disk', '5')
  await cloud.out('image', 'create', 'twin', '--file', `${cloud.home}/tiny.qcow2`)
  await cloud.out('image', 'create', 'twin', '--file', `${cloud.home}/tiny.qcow2`)
  for (const name of ['web-1', 'locked', 'stopped']) await cloud.out('boot', name, '--flavor', 'm1.tiny')
  await cloud.out('boot', 'twins', '--flavor', 'm1.tiny')
  await cloud.out('boot', 'twins', '--flavor', 'm1.tiny')
  await cloud.out('lock', 'locked', '--reason', 'audit')
  await cloud.out('stop', 'stopped')
})
afterAll(() => cloud.remove())

function backedByAnother(): Buffer {
  const bytes = aQcow2()
  bytes.writeBigUInt64BE(512n, 8)
  bytes.writeUInt32BE('/etc/shadow'.length, 16)
  bytes.write('/etc/shadow', 512)
  return bytes
}

type Case = readonly [what: string, line: readonly string[], code: number, message: RegExp, hint: RegExp]
const tiny = ['--flavor', 'm1.tiny']
const userData = (file: string) => ['boot', 'x', ...tiny, '--user-data', `HOME/${file}`]
const image = (file: string, ...rest: string[]) => ['image', 'create', 'x', '--file', `HOME/${file}`, ...rest]

const words: readonly Case[] = [
  ['no such command', ['boto', 'web-1'], 2, /unknown command "boto"/, /did you mean.*boot/],
  ['no such verb', ['server', 'destory'], 2, /server destory/, /./],
  ['no such flag', ['boot', 'x', '--imag', 'y'], 2, /unknown flag --imag/, /did you mean --image/],
  ['a flag that every object has', ['boot', 'x', '--constructor', 'y'], 2, /unknown flag --constructor/, /nova help/],
  ['a flag without its value', ['boot', 'x', '--flavor'], 2, /--flavor needs a value/, /nova help/],
  ['a word too many', ['show', 'web-1', 'web-2'], 2, /unexpected argument "web-2"/, /quote/],
  ['a missing name', ['boot', ...tiny], 2, /needs NAME/, /nova help server create/],
  ['a missing flag', ['boot', 'x'], 2, /needs --flavor/, /nova help server create/],
  ['no such format', ['list', '-f', 'jsn'], 2, /not "jsn"/, /did you mean json/],
  ['no such column', ['list', '-c', 'sttus'], 2, /unknown column "sttus"/, /did you mean status/],
  ['no such column of what would be changed', ['delete', 'web-1', '-c', 'nme'], 2, /unknown column "nme"/, /did you mean name/],
  ['a choice that is none', ['host', 'add', 'x', '--driver', 'qemo'], 2, /fake, qemu, libvirt; not "qemo"/, /did you mean qemu/],
  ['a pair that is none', ['server', 'set', 'web-1', 'role'], 2, /"role" is not key=value/, /nova help server set/],
  ['a filter that is none', ['list', '--filter', 'x'], 2, /--filter "x" is not key=value/, /--filter status=ACTIVE/],
  ['a time that is none', ['list', '--at', 'tomorrow'], 2, /tomorrow/, /./],
  ['an empty state directory', ['list', '--state', ''], 2, /--state is empty/, /--state DIR/],
]

const numbers: readonly Case[] = [
  ['text', ['boot', 'x', ...tiny, '--min-count', 'many'], 2, /--min-count must be a whole number, not "many"/, /nova help/],
  ['too many', ['boot', 'x', ...tiny, '--min-count', '1001'], 2, /--min-count is 1001, the most is 1000/, /nova help/],
  ['2^64', ['boot', 'x', ...tiny, '--max-count', '18446744073709551616'], 2, /18446744073709551616/, /nova help/],
  ['negative', ['list', '--limit', '-1'], 2, /--limit/, /nova help server list/],
  ['zero', ['boot', 'x', ...tiny, '--min-count', '0'], 2, /--min-count is 0, the least is 1/, /nova help/],
  [
    '2^40 MB',
    ['flavor', 'create', 'x', '--ram', '1099511627776', '--vcpus', '1', '--disk', '1'],
    2,
    /--ram is 1099511627776/,
    /nova help/,
  ],
  ['NaN', ['quota', 'set', '--cores', 'NaN'], 2, /--cores must be a whole number/, /nova help/],
  ['infinite time', ['wait', 'web-1', '--timeout', 'Infinity'], 2, /--timeout/, /nova help/],
]

const names: readonly Case[] = [
  ['a server that is not there', ['show', 'web-2'], 3, /no server with a name or id of "web-2"/, /did you mean web-1/],
  ['nothing like it', ['show', 'qqqqqq'], 3, /no server .* "qqqqqq"/, /nova server list/],
  ['a flavor', ['boot', 'x', '--flavor', 'm1.tny'], 3, /no flavor .* "m1.tny"/, /did you mean m1.tiny/],
  ['an image', ['boot', 'x', ...tiny, '--image', 'cirros'], 3, /no image .* "cirros"/, /nova image list/],
  ['a key pair', ['boot', 'x', ...tiny, '--key-name', 'mine'], 3, /no key pair named "mine"/, /nova keypair list/],
  ['a server group', ['boot', 'x', ...tiny, '--hint', 'group=web'], 3, /no server group .* "web"/, /nova server-group list/],
  ['a host', ['host', 'show', 'h2'], 3, /no host .* "h2"/, /did you mean h1/],
  ['a context', ['list', '--context', 'prod'], 3, /no context is named "prod"/, /nova context add/],
  ['one of several', ['stop', 'web-1', 'web-9'], 3, /no server .* "web-9"/, /did you mean web-1/],
  ['a name of two servers', ['delete', 'twins'], 7, /2 servers are named "twins": [0-9a-f-]{36}, [0-9a-f-]{36}/, /use an id/],
  ['a name of two images', ['image', 'show', 'twin'], 7, /2 images are named "twin"/, /use an id/],
  ['__proto__', ['show', '__proto__'], 3, /no server .* "__proto__"/, /nova server list/],
  ['constructor', ['boot', 'x', '--flavor', 'constructor'], 3, /no flavor .* "constructor"/, /nova flavor list/],
  ['an option of ssh', ['boot', ...tiny, '--', '-oProxyCommand=x'], 2, /NAME has characters or a form/, /nova help/],
  ['two lines', ['boot', 'a\nb', ...tiny], 2, /NAME has characters or a form/, /nova help/],
  ['an escape sequence', ['boot', '\u001b[31mred', ...tiny], 2, /NAME has characters or a form/, /nova help/],
  ['text that runs backwards', ['boot', 'a\u202eb', ...tiny], 2, /NAME has characters or a form/, /nova help/],
  ['256 characters', ['boot', 'a'.repeat(256), ...tiny], 2, /NAME has 256 characters, the limit is 255/, /nova help/],
  ['nothing', ['boot', '', ...tiny], 2, /NAME is empty/, /nova help/],
  ['a path', ['host', 'add', '../../etc', '--driver', 'fake'], 2, /NAME has characters or a form/, /nova help/],
]

const things: readonly Case[] = [
  ['an image that is a text', image('text.txt'), 2, /image x from HOME\/text.txt: not an image/, /--disk-format raw/],
  ['an image that reads another file', image('backed.qcow2'), 2, /backed.qcow2: .*backing file/, /./],
  ['an image of another format', image('tiny.qcow2', '--disk-format', 'iso'), 2, /tiny.qcow2/, /./],
  ['an image of another checksum', image('tiny.qcow2', '--checksum', 'a'.repeat(64)), 2, /tiny.qcow2 .*aaaa/, /./],
  ['no image file', image('none.qcow2'), 2, /cannot read HOME\/none.qcow2 for --file: no such file/, /nova help/],
  ['a directory as image', image('.'), 2, /HOME/, /./],
  [
    'a flavor too small for the image',
    ['boot', 'x', '--flavor', 'm1.disk', '--image', 'large'],
    2,
    /m1.disk has 1 GB of disk, image large needs 5 GB/,
    /nova flavor list/,
  ],
  ['65,536 bytes of user data', userData('big.txt'), 2, /--user-data has 65536 .*65535/, /nova help/],
  [
    '80,000 bytes in 40,000 characters',
    userData('umlauts.txt'),
    2,
    /--user-data has 80000 bytes, the limit is 65535/,
    /nova help/,
  ],
  ['no user data file', userData('none.txt'), 2, /cannot read HOME\/none.txt for --user-data: no such file/, /nova help/],
  ['a locked server', ['stop', 'locked'], 7, /cannot stop server locked: it is locked by its owner: audit/, /nova unlock locked/],
  ['a stopped server', ['pause', 'stopped'], 7, /cannot pause server stopped: it is SHUTOFF/, /pause needs active or rescued/],
  [
    'one of several in another state',
    ['start', 'stopped', 'web-1'],
    7,
    /cannot start server web-1: it is ACTIVE/,
    /start needs stopped/,
  ],
  ['a name that is taken', ['host', 'add', 'h1', '--driver', 'fake'], 7, /host h1 exists already/, /./],
  ['more than the quota', ['boot', 'x', ...tiny, '--min-count', '11'], 5, /limit/, /nova quota show/],
  ['an endpoint', ['list', '--endpoint', 'https://cloud.example'], 4, /https:\/\/cloud.example needs a token/, /NOVA_TOKEN/],
  ['a driver that cannot', ['server', 'set-password', 'web-1', '--password-file', '-'], 10, /h1|web-1/, /./],
  ['a console in a pipe', ['console', 'attach', 'web-1'], 10, /web-1|h1/, /./],
]

describe.each([
  ['words', words],
  ['numbers', numbers],
  ['names', names],
  ['things', things],
])('wrong %s', (_, cases) => {
  it.each(cases)('%s', async (_what, line, code, message, hint) => {
    const before = cloud.fingerprint()
    const placed = line.map((word) => word.replace('HOME', cloud.home))
    const { stdout, stderr, ...ended } = await cloud.run(placed, { stdin: 'secret' })
    const [error = '', next = '', last = '', ...rest] = stderr
      .replaceAll(cloud.home, 'HOME')
      .replace(/^image .*%\)\n/gm, '')
      .trimEnd()
      .split('\n')
    expect({ ...ended, stdout, rest }).toEqual({ code, signal: null, stdout: '', rest: [] })
    expect(error).toMatch(new RegExp(`^error: .*(?:${message.source})`, 's'))
    expect(next).toMatch(new RegExp(`^try: {2}.*(?:${hint.source})`))
    expect(last).toMatch(/^exit code \d+ \([a-z-]+\) · request req-[0-9a-f-]{36}$/)
    expect(cloud.fingerprint()).toBe(before)
  })
})

it('is one JSON object with --json, and the same line on stderr', async () => {
  const { stdout, stderr, code } = await cloud.run(['show', 'web-2', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    code,
    kind: 'not-found',
    hint: 'did you mean web-1?',
    requestId: expect.stringMatching(/^req-/),
  })
  expect(stderr).toContain('no server with a name or id of "web-2"')
})
