/** Rules of what comes in and what is kept: limits, hostile names, secrets, planted links, and what the package is made of. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonSchemaOf } from '../../src/core/schema.ts'
import { algorithms } from '../../src/hosts/ssh-client.ts'
import { builtCli } from '../support/built-cli.ts'
import { nova } from '../support/cli.ts'
import { aDoor, everyAction, type OpenDoors } from '../support/open-doors.ts'

let door: OpenDoors
let member: string
beforeAll(async () => {
  door = await aDoor(['h1'])
  member = await door.token('ann', 'alpha', ['member'])
})
afterAll(() => door.close())

describe('S22 every input has a limit', () => {
  it('in nested values too', async () => {
    const unlimited: string[] = []
    const walk = (at: string, value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      const { type, maxLength, maxItems, maximum, enum: words, const: word, ...rest } = value as Record<string, unknown>
      const isFixed = Array.isArray(words) || word !== undefined
      if (type === 'string' && maxLength === undefined && !isFixed) unlimited.push(at)
      if (type === 'array' && maxItems === undefined && !Array.isArray(rest.prefixItems)) unlimited.push(at)
      if ((type === 'number' || type === 'integer') && maximum === undefined && !isFixed) unlimited.push(at)
      for (const [key, inner] of Object.entries(rest)) walk(`${at}.${key}`, inner)
    }
    const actions = await everyAction()
    for (const { name, input } of actions) walk(name, jsonSchemaOf(input, 'input'))
    expect(unlimited).toEqual([])
    expect(actions.length).toBeGreaterThan(100)
  })

  it.each<readonly [what: string, params: object, limit: string]>([
    ['a name', { name: 'x'.repeat(256) }, 'the limit is 255'],
    ['user data', { userData: 'x'.repeat(70_000) }, 'the limit is 65535'],
    ['metadata', { metadata: Array(129).fill(['a', 'b']) }, 'the limit is 128'],
    ['a metadata value', { metadata: [['a', 'x'.repeat(256)]] }, 'the limit is 255'],
    ['how many', { maxCount: 1001 }, 'the most is 1000'],
  ])('%s of a boot', async (_, params, limit) => {
    const { answer, status } = await door.call(member, 'server.create', { name: 'x', flavor: 'm1.tiny', ...params })
    expect([status, answer.error?.message]).toEqual([400, expect.stringContaining(limit)])
  })
})

describe('S25 names of the prototype are names', () => {
  it('for the program there is no __proto__ that leads anywhere', async () => {
    const tell = 'process.on("exit", () => process.stderr.write(String("__proto__" in {})))'
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` }
    expect(await nova(['version'], { state: door.state, env })).toMatchObject({ code: 0, stderr: 'false' })
  })

  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  it.each(names)('%s names a server, a key pair, a group, a flavor, an aggregate, a token', async (name) => {
    const none = await door.call(member, 'server.show', { server: name })
    expect(none.status).toBe(404)
    const metadata = [[name, 'kept']]
    const boot = { name, flavor: 'm1.tiny', nic: 'none', configDrive: false, metadata }
    const made = (await door.call(member, 'server.create', boot)).text
    expect(made).toContain(`"metadata":{"${name}":"kept"}`)
    const calls: readonly (readonly [make: string, input: object, show: string, asked: object])[] = [
      ['keypair.create', { name }, 'keypair.show', { keypair: name }],
      ['server-group.create', { name, policy: 'affinity' }, 'server-group.show', { serverGroup: name }],
      ['flavor.create', { name, ram: 64, vcpus: 1, disk: 0 }, 'flavor.show', { flavor: name }],
      ['aggregate.create', { name }, 'aggregate.show', { aggregate: name }],
      ['token.create', { name }, 'token.list', {}],
    ]
    for (const [make, input, show, asked] of calls) {
      await door.admin(make, input)
      expect([show, JSON.stringify(await door.admin(show, asked))]).toEqual([show, expect.stringContaining(`"${name}"`)])
    }
    await door.call(member, 'server.delete', { servers: [name] })
    expect((await door.call(member, 'server.show', { server: name })).status).toBe(404)
    expect(Reflect.get({}, 'kept')).toBeUndefined()
  })
})

describe('S38 no secret is found where it does not belong', () => {
  const canary = 'CANARY-5ecret-0f-the-t3st'
  const filesBelow = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))

  it('whatever secret field of whatever action it was given to', async () => {
    const secretive = (await everyAction()).filter(({ secrets }) => (secrets ?? []).length > 0)
    expect(secretive.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['server.create', 'server.set-password', 'webhook.add']),
    )
    const rest: Readonly<Record<string, object>> = {
      'server.create': { name: 'canary', flavor: 'm1.tiny', nic: 'none' },
      'server.set-password': { server: 'canary' },
      'webhook.add': { url: 'https://hooks.invalid/x' },
    }
    const commandLines: string[] = []
    const sampler = setInterval(() => commandLines.push(...allCommandLines()), 50)
    const errors: string[] = []
    for (const action of secretive)
      for (const field of action.secrets ?? [])
        for (const value of [canary, [canary], { [canary]: canary }, `${canary}${'x'.repeat(100_000)}`]) {
          const input = { ...rest[action.name], [field]: value }
          for (const { answer } of [await door.call(member, action.name, input)])
            errors.push(JSON.stringify(answer.error ?? null))
          await door.admin(action.name, input).catch((error: Error) => errors.push(`${error.message} ${error.stack}`))
        }
    clearInterval(sampler)
    expect(errors.filter((text) => text.includes(canary) && !text.includes('unknown field'))).toEqual([])
    expect(commandLines.filter((line) => line.includes(canary))).toEqual([])
    expect(door.logged.filter((line) => line.includes(canary))).toEqual([])
    const holding = filesBelow(door.state).filter((file) => readFileSync(file).includes(canary))
    // The vault is where user data and keys of webhooks are, for their owner alone, until their server or webhook goes.
    expect(holding.filter((file) => !file.startsWith(`${door.state}/vault/`))).toEqual([])
    for (const file of holding) expect(statSync(file).mode & 0o077).toBe(0)
    expect(JSON.stringify(await door.admin('audit.list', { limit: 10_000 }))).not.toContain(canary)
  })

  function allCommandLines(): string[] {
    return readdirSync('/proc').flatMap((pid) => {
      try {
        return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1')] : []
      } catch {
        return []
      }
    })
  }
})

describe('S40 no link that somebody planted is followed', () => {
  const planted = [
    'audit.log',
    'uploads',
    'vault',
    'lock',
    'manifest.json.tmp',
    'daemon.lock',
    'daemon.log',
    'daemon.json',
    'images',
  ]
  it.each(planted)('%s', async (name) => {
    const [state, victim] = [mkdtempSync(path.join(os.tmpdir(), 'nk-')), mkdtempSync(path.join(os.tmpdir(), 'nk-'))]
    try {
      writeFileSync(`${victim}/kept`, 'kept')
      symlinkSync(['uploads', 'vault', 'images'].includes(name) ? victim : `${victim}/kept`, `${state}/${name}`)
      const env = { NOVA_DAEMON: 'off' }
      await nova(['host', 'add', 'h1', '--driver', 'fake'], { state, env })
      await nova(['boot', 'web', '--flavor', 'm1.tiny', '--nic', 'none'], { state, env })
      const started = await nova(['daemon', 'start'], { state })
      if (started.code === 0) await nova(['daemon', 'stop'], { state })
      expect(readFileSync(`${victim}/kept`, 'utf8')).toBe('kept')
      expect(lstatSync(`${victim}/kept`).isFile()).toBe(true)
    } finally {
      for (const folder of [state, victim]) rmSync(folder, { recursive: true, force: true })
    }
  })

  it.runIf(process.getuid?.() === 0)('nor a state directory used that belongs to somebody else', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
    mkdirSync(`${home}/theirs`, { mode: 0o700 })
    chownSync(`${home}/theirs`, 65_534, 65_534)
    symlinkSync(`${home}/theirs`, `${home}/state`)
    const { code } = await nova(['host', 'add', 'h1', '--driver', 'fake'], {
      state: `${home}/state`,
      env: { NOVA_DAEMON: 'off' },
    })
    expect(code).not.toBe(0)
    expect(readdirSync(`${home}/theirs`)).toEqual([])
    rmSync(home, { recursive: true, force: true })
  })
})

describe('S41 what is shipped is known', () => {
  const root = path.resolve(import.meta.dirname, '../..')
  const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  it('locks every package to one version and its digest, and needs no script of theirs', () => {
    const { packages, lockfileVersion } = read('package-lock.json')
    const others = Object.entries<Record<string, unknown>>(packages).filter(([name]) => name !== '')
    expect(lockfileVersion).toBe(3)
    expect(others.filter(([, { integrity }]) => !/^sha512-/.test(String(integrity)))).toEqual([])
    const scripted = others
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([name]) => name.replace('node_modules/', ''))
    // esbuild checks itself; ssh2 and its optional cpu-features compile what they do without.
    expect(scripted).toEqual(['cpu-features', 'esbuild', 'ssh2'])
    const { dependencies, devDependencies } = read('package.json')
    expect(Object.keys(dependencies ?? {})).toEqual([])
    expect(Object.values<string>(devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it('is what every suite runs on: installed exactly as locked, and without running a script of any package', () => {
    const setup = readFileSync(path.join(root, 'scripts/setup.mjs'), 'utf8')
    expect(setup.match(/'npm', \['ci', '--ignore-scripts'/g)).toHaveLength(1)
    expect(setup).not.toMatch(/'(install|rebuild|i)'/)
  })

  it('bundles at most 190 packages of others', async () => {
    await builtCli()
    const text = readFileSync(path.join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(text.match(/^@?[\w./-]+ \d+\.\d+\.\S+\n={20,}$/gm)?.length).toBeLessThanOrEqual(190)
  })
})

describe('S43 ssh uses no algorithm that is broken', () => {
  it('no SHA-1, no CBC, no RC4, no MD5, no small group', () => {
    const words = Object.values(algorithms).flat()
    expect(words.filter((word) => /sha1|cbc|arcfour|md5|3des|group1(-|$)|group14|ssh-(rsa|dss)$/.test(word))).toEqual([])
  })
})
