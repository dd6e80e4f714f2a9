import { asFault, Fault } from './core/fault.ts'
import type { Fs } from './core/ports.ts'
import { environmentName, isAnySet } from './setting-names.ts'
import { defaultSettings, type Settings } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** One setting with where its value is from: `default`, `file` or `environment`. */
export interface SettingSource {
  readonly key: string
  readonly value: unknown
  readonly default: unknown
  readonly from: string
}

/**
 * The settings: defaults, with what `<state>/settings.json` overrides, and over both the environment.
 * An unknown key or a wrong type is `invalid` and names it.
 */
export function readSettings(fs: Fs, stateDirectory: string, env: Environment = {}): Settings {
  const path = `${stateDirectory}/settings.json`
  const defaults = { ...defaultSettings, instancesPath: `${stateDirectory}/instances` }
  if (!fs.exists(path) && !isAnySet(env)) return defaults
  const known = new Map<string, unknown>(Object.entries(defaults))
  const said = [...fileEntries(fs, path, known), ...environmentEntries(env, known)]
  return { ...defaults, ...Object.fromEntries(said) }
}

/** Every setting with its source; throws as `readSettings` does. */
export function settingSources(fs: Fs, stateDirectory: string, env: Environment): SettingSource[] {
  const settings = new Map<string, unknown>(Object.entries(readSettings(fs, stateDirectory, env)))
  const defaults = { ...defaultSettings, instancesPath: `${stateDirectory}/instances` }
  const known = new Map<string, unknown>(Object.entries(defaults))
  const inFile = new Set(fileEntries(fs, `${stateDirectory}/settings.json`, known).map(([key]) => key))
  const inEnvironment = new Set(environmentEntries(env, known).map(([key]) => key))
  return [...known].map(([key, fallback]) => ({
    key,
    value: settings.get(key),
    default: fallback,
    from: inEnvironment.has(key) ? 'environment' : inFile.has(key) ? 'file' : 'default',
  }))
}

function fileEntries(fs: Fs, path: string, known: ReadonlyMap<string, unknown>): [string, unknown][] {
  if (!fs.exists(path)) return []
  const entries = Object.entries(parse(fs.readFile(path).toString('utf8'), path))
  for (const [key, value] of entries) check(path, key, value, known)
  return entries
}

/** Text is taken as it is where text is wanted, and as JSON elsewhere. */
function environmentEntries(env: Environment, known: ReadonlyMap<string, unknown>): [string, unknown][] {
  return [...known].flatMap(([key, fallback]) => {
    const name = environmentName(key)
    const text = env[name]
    if (text === undefined) return []
    const value = typeof fallback === 'string' ? text : jsonOf(name, text)
    check(name, key, value, known)
    return [[key, value]]
  })
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('invalid', `${name}: ${asFault(cause).message}`)
  }
}

function parse(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new Fault('invalid', `${path} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
  throw new Fault('invalid', `${path} must hold one JSON object`)
}

function check(path: string, key: string, value: unknown, known: ReadonlyMap<string, unknown>): void {
  const fallback = known.get(key)
  if (fallback === undefined)
    throw new Fault('invalid', `${path}: unknown setting "${key}"`, { hint: `known: ${[...known.keys()].join(', ')}` })
  const wanted = Array.isArray(fallback) ? 'list' : typeof fallback
  const given = Array.isArray(value) ? 'list' : typeof value
  if (wanted !== given) throw new Fault('invalid', `${path}: ${key} must be a ${wanted}, not a ${given}`)
  // Nova's -1 there is never.
  const least = key === 'shelvedOffloadTime' ? -1 : 0
  if (typeof value === 'number' && !(value >= least))
    throw new Fault('invalid', `${path}: ${key} is ${value}, the least is ${least}`)
}
