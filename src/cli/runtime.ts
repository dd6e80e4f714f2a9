/** What one process gives to the command it runs: the terminal, the request id and the way to the actions. */
import type { Config } from '@oclif/core/config'
import type { Connection, Target } from './connection.ts'
import type { Screen } from './screen.ts'

export interface Runtime {
  readonly screen: Screen
  readonly requestId: string
  readonly env: NodeJS.ProcessEnv
  connect(target: Target): Promise<Connection>
  /** Calls `handler` at each Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void
  /** The exit code of a result, when another tool's words were used. */
  readonly exitCode?: (output: unknown) => number
}

export interface LightOptions {
  readonly runtime: Runtime
  readonly version: string
}

/** As much of oclif's configuration as its `Command` asks for: no plugin discovery, no file access. */
export function lightConfig({ runtime, version }: LightOptions): Config {
  const none = { successes: [], failures: [] }
  const light = {
    bin: 'nova',
    name: 'novakit',
    version,
    userAgent: `novakit/${version}`,
    topicSeparator: ' ',
    pjson: { name: 'novakit', version, oclif: {} },
    plugins: new Map(),
    commandIDs: [],
    commands: [],
    topics: [],
    findCommand: () => undefined,
    findTopic: () => undefined,
    runHook: async () => none,
    scopedEnvVar: () => undefined,
    scopedEnvVarTrue: () => false,
    scopedEnvVarKey: (key: string) => `NOVA_${key}`,
    scopedEnvVarKeys: (key: string) => [`NOVA_${key}`],
    runtime,
  }
  // oclif's Config has 60 members; a command that only parses and runs reads those above.
  return light as unknown as Config
}

/** The runtime that `lightConfig` put beside oclif's own fields. */
export function runtimeOf(config: Config): Runtime {
  const { runtime } = config as Config & { runtime?: Runtime }
  if (!runtime) throw new Error('a nova command runs only through its own dispatcher')
  return runtime
}
