/** Named contexts, kept in `$XDG_CONFIG_HOME/novakit/contexts.json` (0600), and the target that flags, environment and context make. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import type { Target } from './connection.ts'
import { osUser, readIfThere, writePrivate } from './outside.ts'

export interface Context {
  readonly name: string
  readonly state: string | null
  readonly endpoint: string | null
  readonly project: string | null
}
export interface Contexts {
  readonly current: string | null
  readonly contexts: readonly Context[]
}

type Env = NodeJS.ProcessEnv
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

/** Where the contexts are kept. */
export const contextsFile = (env: Env) => `${env.XDG_CONFIG_HOME || `${env.HOME ?? ''}/.config`}/novakit/contexts.json`

/** All contexts; none when the file is not there. A damaged file is an `invalid` fault that names it. */
export function readContexts(env: Env): Contexts {
  const file = contextsFile(env)
  const text = readIfThere(file)
  if (text === undefined) return { current: null, contexts: [] }
  const parsed = parsedJson(text, file)
  if (!isContexts(parsed))
    throw new Fault('invalid', `${file} is not a list of contexts`, { hint: `mend it, or remove it and add the contexts again` })
  return parsed
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('invalid', `${file} is not JSON`, { hint: 'mend it, or remove it and add the contexts again', cause })
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isTextOrNull = (value: unknown) => value === null || typeof value === 'string'
const isContext = (value: unknown): value is Context =>
  isRecord(value) && typeof value.name === 'string' && [value.state, value.endpoint, value.project].every(isTextOrNull)
const isContexts = (value: unknown): value is Contexts =>
  isRecord(value) && isTextOrNull(value.current) && Array.isArray(value.contexts) && value.contexts.every(isContext)

/** Replaces the file. */
export const writeContexts = (env: Env, contexts: Contexts) =>
  writePrivate(contextsFile(env), `${JSON.stringify(contexts, null, 2)}\n`)

/** The context of that name; a `not-found` fault names what is nearby. */
export function findContext({ contexts }: Contexts, name: string): Context {
  const found = contexts.find((context) => context.name === name)
  if (found) return found
  const names = contexts.map((context) => context.name)
  const near = nearest(name, names)
  throw new Fault('not-found', `no context is named "${name}"`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(', ')}?`
        : names.length > 0
          ? `there are: ${names.join(', ')}`
          : 'nova context add NAME --state DIR',
  })
}

/** Adds a context, or refuses a name that is taken or not printable. */
export function addContext(contexts: Contexts, added: Context): Contexts {
  if (!nameForm.test(added.name))
    throw new Fault('invalid', `context name "${added.name}" may hold letters, digits, dot, dash and underscore only`)
  if (contexts.contexts.some((context) => context.name === added.name))
    throw new Fault('exists', `context ${added.name} exists already`, { hint: `nova context remove ${added.name}` })
  return { current: contexts.current ?? added.name, contexts: [...contexts.contexts, added] }
}

/** The flags that choose a target. */
export interface TargetFlags {
  readonly state: string | undefined
  readonly project: string | undefined
  readonly context: string | undefined
  readonly endpoint: string | undefined
  readonly daemon?: boolean
}

/** Flags beat the environment, which beats the context, which beats the defaults. */
export function targetOf(flags: TargetFlags, env: Env): Target {
  const context = chosenContext(flags, env)
  if (flags.state === '') throw new Fault('invalid', '--state is empty', { hint: '--state DIR' })
  const state = flags.state ?? (env.NOVA_STATE || undefined)
  const endpoint = flags.endpoint ?? (env.NOVA_ENDPOINT || undefined)
  const project = flags.project ?? (env.NOVA_PROJECT || env.OS_PROJECT_NAME || undefined) ?? context?.project ?? undefined
  return {
    stateDirectory: state ?? context?.state ?? defaultState(env),
    projectId: project ?? 'default',
    projectGiven: project !== undefined,
    userId: env.NOVA_USER || env.USER || env.LOGNAME || osUser(),
    endpoint: endpoint ?? (state === undefined ? (context?.endpoint ?? undefined) : undefined),
    daemon: flags.daemon !== false && env.NOVA_DAEMON !== 'off',
    env,
  }
}

function chosenContext(flags: TargetFlags, env: Env): Context | undefined {
  const named = flags.context ?? (env.NOVA_CONTEXT || undefined)
  if (named !== undefined) return findContext(readContexts(env), named)
  if (flags.state !== undefined || env.NOVA_STATE) return undefined
  const contexts = readContexts(env)
  return contexts.current === null ? undefined : findContext(contexts, contexts.current)
}

const defaultState = (env: Env) => `${env.XDG_STATE_HOME || `${env.HOME ?? ''}/.local/state`}/novakit`
