/** Makes the oclif command of an action: flags and positionals from its input, the rest from a few options. */
import { Command } from '@oclif/core/command'
import type { Config } from '@oclif/core/config'
import type { Action } from '../core/action.ts'
import type { Call } from '../core/call.ts'
import type { CommandOptions } from './command-options.ts'
import { type CommandSpec, commandSpec } from './command-spec.ts'
import { globalFlags } from './global-flags.ts'
import { oclifFlag } from './oclif-flags.ts'
import { inheritedFlag, parseFault, unknownFlag, withNextStep } from './parse-fault.ts'
import { runCommand } from './run-command.ts'
import { runtimeOf } from './runtime.ts'

/** The command class of an action; a command file exports it as its default. */
export function commandFor<I, O, C extends Call>(action: Action<I, O, C>, options: CommandOptions<I, O> = {}) {
  const spec = commandSpec(action, options)
  return class extends ActionCommand {
    static override summary = action.summary
    /** Positionals are taken from the raw tokens, so that a list may follow optional ones. oclif reads own statics only. */
    static override strict = false
    static override flags = flagsOf(spec)
    static override hidden = options.hidden ?? false
    static override aliases = [...(options.aliases ?? [])]
    static override spec = spec
  }
}

/** Fields win over global flags of the same name. */
function flagsOf(spec: CommandSpec) {
  const own = spec.parameters.filter((parameter) => parameter.position < 0)
  return {
    ...globalFlags(spec.action.effect, spec.isList),
    ...Object.fromEntries(own.map((parameter) => [parameter.flag, oclifFlag(parameter)])),
  }
}

/** A command that runs one action. */
export abstract class ActionCommand extends Command {
  static spec: CommandSpec

  /** oclif's life cycle of one run; its static `run` would load the whole configuration a second time. */
  execute(): Promise<number> {
    return this._run()
  }

  async run(): Promise<number> {
    const command = Object(this.constructor) as typeof ActionCommand
    const known = Object.entries(command.flags).flatMap(([name, flag]) => [name, ...(flag.aliases ?? [])])
    const id = command.id.replaceAll(':', ' ')
    const inherited = inheritedFlag(this.argv)
    if (inherited) throw unknownFlag(inherited, known, id)
    const parsed = await this.parse(command).catch((error: unknown) => {
      throw parseFault(error, known, id)
    })
    const words = parsed.raw.filter((token) => token.type === 'arg').map((token) => token.input)
    return runCommand(command.spec, { id, words, flags: parsed.flags }, runtimeOf(this.config)).catch((error: unknown) => {
      throw withNextStep(error, id)
    })
  }

  /** oclif would load its logger and its help to look for deprecations that nova does not declare. */
  override async init(): Promise<void> {}

  /** The dispatcher reports errors; oclif's own handler would print and exit. */
  override async catch(error: Error): Promise<never> {
    throw error
  }
}

/** One run of a command class over the words behind its name. */
export function executeCommand(command: typeof ActionCommand, argv: readonly string[], config: Config): Promise<number> {
  const instance: ActionCommand = Reflect.construct(command, [[...argv], config])
  return instance.execute()
}

/** True for a class that a command file may export. */
export const isActionCommand = (value: unknown): value is typeof ActionCommand =>
  typeof value === 'function' && value.prototype instanceof ActionCommand
