import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addContext, contextsFile, readContexts, targetOf, writeContexts } from '../../../src/cli/contexts.ts'

const none = { state: undefined, project: undefined, context: undefined, endpoint: undefined }
const lab = { name: 'lab', state: '/srv/lab', endpoint: null, project: 'web' }
let env: NodeJS.ProcessEnv = {}

beforeEach(() => {
  env = { XDG_CONFIG_HOME: mkdtempSync(path.join(os.tmpdir(), 'nk-')), HOME: '/home/u', USER: 'u' }
})
afterEach(() => rmSync(env.XDG_CONFIG_HOME ?? '', { recursive: true }))

describe('the contexts file', () => {
  it('comes back as it was written, for its owner only', () => {
    writeContexts(env, addContext(readContexts(env), lab))
    expect(readContexts(env)).toEqual({ current: 'lab', contexts: [lab] })
    expect(statSync(contextsFile(env)).mode & 0o777).toBe(0o600)
  })

  it.each(['{', '[]', '{"current":1,"contexts":[]}'])('is refused by name when it holds %s', (text) => {
    writeContexts(env, { current: null, contexts: [] })
    writeFileSync(contextsFile(env), text)
    expect(() => readContexts(env)).toThrowError(
      expect.objectContaining({ kind: 'invalid', message: expect.stringContaining('contexts.json') }),
    )
  })

  it('takes each name once, and plain names only', () => {
    const contexts = addContext({ current: null, contexts: [] }, lab)
    expect(() => addContext(contexts, lab)).toThrowError(expect.objectContaining({ kind: 'exists' }))
    expect(() => addContext(contexts, { ...lab, name: '__proto__' })).toThrowError(expect.objectContaining({ kind: 'invalid' }))
  })
})

describe('the target', () => {
  beforeEach(() =>
    writeContexts(env, { current: 'lab', contexts: [lab, { ...lab, name: 'far', state: null, endpoint: 'https://far' }] }),
  )

  it('takes flags before environment before context before defaults', () => {
    expect(targetOf(none, env)).toMatchObject({ stateDirectory: '/srv/lab', projectId: 'web', userId: 'u' })
    expect(targetOf(none, { ...env, NOVA_STATE: '/e', OS_PROJECT_NAME: 'os' })).toMatchObject({
      stateDirectory: '/e',
      projectId: 'os',
    })
    expect(targetOf({ ...none, state: '/f', project: 'p' }, { ...env, NOVA_STATE: '/e', NOVA_PROJECT: 'n' })).toMatchObject({
      stateDirectory: '/f',
      projectId: 'p',
    })
    writeContexts(env, { current: null, contexts: [] })
    expect(targetOf(none, env)).toMatchObject({
      stateDirectory: '/home/u/.local/state/novakit',
      projectId: 'default',
      endpoint: undefined,
    })
  })

  it('follows NOVA_CONTEXT and --context, and refuses an unknown one with those there are', () => {
    expect(targetOf(none, { ...env, NOVA_CONTEXT: 'far' }).endpoint).toBe('https://far')
    expect(targetOf({ ...none, context: 'lab' }, { ...env, NOVA_CONTEXT: 'far' }).endpoint).toBeUndefined()
    expect(() => targetOf({ ...none, context: 'nix' }, env)).toThrowError(
      expect.objectContaining({ kind: 'not-found', hint: 'there are: lab, far' }),
    )
  })
})
