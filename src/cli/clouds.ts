/** What OpenStack clients read: OS_* variables and clouds.yaml, searched for as openstacksdk does. Only when an endpoint is used. */
import { Fault } from '../core/fault.ts'
import { readIfThere } from './outside.ts'

/** What was understood; the password is never read. */
export interface Cloud {
  /** The file, or `OS_* variables`; undefined when there was neither. */
  readonly source: string | undefined
  readonly cloud: string | undefined
  readonly authUrl: string | undefined
  readonly project: string | undefined
  readonly user: string | undefined
  readonly region: string | undefined
}

type Env = NodeJS.ProcessEnv
const of = (env: Env, ...names: readonly string[]) =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '')

/** Variables win over the file, key by key; OS_CLOUD picks the entry, and must exist. */
export async function readCloud(env: Env): Promise<Cloud> {
  const wanted = of(env, 'OS_CLOUD')
  const file = await cloudsFile(env)
  const names = file ? [...file.clouds.keys()] : []
  const name = wanted ?? (names.length === 1 ? names[0] : undefined)
  const entry = name === undefined ? undefined : file?.clouds.get(name)
  if (wanted !== undefined && entry === undefined && wanted !== 'envvars')
    throw new Fault('invalid', `OS_CLOUD names ${wanted}, which ${file ? `${file.path} does not have` : 'no clouds.yaml has'}`, {
      hint: names.length > 0 ? `there are: ${names.join(', ')}` : 'put clouds.yaml here or in ~/.config/openstack',
    })
  const auth = mapOf(entry?.get('auth'))
  const variables = Object.keys(env).some((key) => key.startsWith('OS_') && key !== 'OS_CLOUD')
  return {
    source: entry ? file?.path : variables ? 'OS_* variables' : undefined,
    cloud: entry ? name : undefined,
    authUrl: of(env, 'OS_AUTH_URL') ?? textOf(auth, 'auth_url'),
    project:
      of(env, 'OS_PROJECT_NAME', 'OS_TENANT_NAME', 'OS_PROJECT_ID') ?? textOf(auth, 'project_name') ?? textOf(auth, 'project_id'),
    user: of(env, 'OS_USERNAME', 'OS_USER_ID') ?? textOf(auth, 'username') ?? textOf(auth, 'user_id'),
    region: of(env, 'OS_REGION_NAME') ?? textOf(entry, 'region_name'),
  }
}

/** The files that openstacksdk looks at, in its order. */
export function searchPath(env: Env): string[] {
  const home = env.XDG_CONFIG_HOME || `${env.HOME ?? ''}/.config`
  const directories = ['.', `${home}/openstack`, '/etc/openstack']
  const named = of(env, 'OS_CLIENT_CONFIG_FILE')
  return [...(named ? [named] : []), ...directories.flatMap((at) => ['yaml', 'yml', 'json'].map((ext) => `${at}/clouds.${ext}`))]
}

type Entry = ReadonlyMap<unknown, unknown>

async function cloudsFile(env: Env): Promise<{ path: string; clouds: Map<string, Entry> } | undefined> {
  for (const path of searchPath(env)) {
    const text = readIfThere(path)
    if (text === undefined) continue
    return { path, clouds: await cloudsIn(text, path) }
  }
  return undefined
}

async function cloudsIn(text: string, path: string): Promise<Map<string, Entry>> {
  const { parse } = await import('yaml')
  try {
    // Maps, not objects: a cloud may be named __proto__.
    const clouds = mapOf(mapOf(parse(text, { mapAsMap: true, maxAliasCount: 100 }))?.get('clouds')) ?? new Map()
    return new Map([...clouds].map(([name, entry]) => [String(name), mapOf(entry) ?? new Map()]))
  } catch (cause) {
    throw new Fault('invalid', `${path} is not valid YAML`, { cause })
  }
}

const mapOf = (value: unknown): Entry | undefined => (value instanceof Map ? value : undefined)
function textOf(map: Entry | undefined, key: string): string | undefined {
  const value = map?.get(key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
