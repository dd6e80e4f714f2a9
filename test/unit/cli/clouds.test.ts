import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCloud, searchPath } from '../../../src/cli/clouds.ts'
import { connect } from '../../../src/cli/connect.ts'

let directory = ''
let file = ''
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  file = path.join(directory, 'clouds.yaml')
  writeFileSync(
    file,
    `clouds:
  lab:
    auth: {auth_url: 'https://lab:5000', project_name: web, username: ann, password: hunter2}
    region_name: east
  __proto__:
    auth: {auth_url: 'https://odd:5000'}
`,
  )
})
afterAll(() => rmSync(directory, { recursive: true }))
const env = (change: NodeJS.ProcessEnv) => ({ HOME: directory, OS_CLIENT_CONFIG_FILE: file, ...change })

describe('readCloud', () => {
  it('reads the entry that OS_CLOUD names', async () => {
    expect(await readCloud(env({ OS_CLOUD: 'lab' }))).toEqual({
      source: file,
      cloud: 'lab',
      authUrl: 'https://lab:5000',
      project: 'web',
      user: 'ann',
      region: 'east',
    })
    expect((await readCloud(env({ OS_CLOUD: '__proto__' }))).authUrl).toBe('https://odd:5000')
  })

  it('lets variables win, and works on them alone', async () => {
    expect((await readCloud(env({ OS_CLOUD: 'lab', OS_PROJECT_NAME: 'db' }))).project).toBe('db')
    const alone = await readCloud({
      HOME: directory,
      OS_CLIENT_CONFIG_FILE: '/nowhere',
      OS_AUTH_URL: 'https://x',
      OS_USERNAME: 'bob',
    })
    expect(alone).toMatchObject({ source: 'OS_* variables', authUrl: 'https://x', user: 'bob' })
  })

  it('refuses an entry that is not there, and a damaged file by name', async () => {
    await expect(readCloud(env({ OS_CLOUD: 'nix' }))).rejects.toMatchObject({
      kind: 'invalid',
      hint: 'there are: lab, __proto__',
    })
    const broken = path.join(directory, 'broken.yaml')
    writeFileSync(broken, 'clouds: [')
    await expect(readCloud(env({ OS_CLIENT_CONFIG_FILE: broken }))).rejects.toMatchObject({
      kind: 'invalid',
      message: `${broken} is not valid YAML`,
    })
  })

  it('looks where openstacksdk looks, in its order', () => {
    expect(searchPath({ HOME: '/h', OS_CLIENT_CONFIG_FILE: '/c.yaml' })).toEqual([
      '/c.yaml',
      ...['.', '/h/.config/openstack', '/etc/openstack'].flatMap((at) =>
        ['yaml', 'yml', 'json'].map((ext) => `${at}/clouds.${ext}`),
      ),
    ])
  })
})

describe('an endpoint', () => {
  it('is refused with what was understood, and never with the password', async () => {
    const target = { stateDirectory: '/s', projectId: 'p', userId: 'u', endpoint: 'http://lab', env: env({ OS_CLOUD: 'lab' }) }
    const refused: unknown = await connect(target).catch((error: unknown) => error)
    expect(refused).toMatchObject({ kind: 'unsupported' })
    expect(String(refused)).toContain('auth_url https://lab:5000, project web, user ann, region east')
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })
})
