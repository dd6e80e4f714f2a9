import { Fault } from './core/fault.ts'
import type { Fs } from './core/ports.ts'
import { defaultSettings, type Settings } from './settings.ts'

/** The settings: defaults, with what `<state>/settings.json` overrides. An unknown key or a wrong type is `invalid` and names it. */
export function readSettings(fs: Fs, stateDirectory: string): Settings {
  const path = `${stateDirectory}/settings.json`
  const defaults = { ...defaultSettings, instancesPath: `${stateDirectory}/instances` }
  if (!fs.exists(path)) return defaults
  const known = new Map<string, unknown>(Object.entries(defaults))
  const entries = Object.entries(parse(fs.readFile(path).toString('utf8'), path))
  for (const [key, value] of entries) check(path, key, value, known)
  return { ...defaults, ...Object.fromEntries(entries) }
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
  if (key === 'syncPowerStateAction' && value !== 'report' && value !== 'stop')
    throw new Fault('invalid', `${path}: ${key} must be report or stop, not ${JSON.stringify(value)}`)
  // Nova's -1 there is never.
  const least = key === 'shelvedOffloadTime' ? -1 : 0
  if (typeof value === 'number' && !(value >= least))
    throw new Fault('invalid', `${path}: ${key} is ${value}, the least is ${least}`)
}
