/** `nova context …`: the verbs over the contexts file. */
import { object, slug, text, z } from '../core/schema.ts'
import { addContext, type Context, type Contexts, findContext, readContexts, targetOf, writeContexts } from './contexts.ts'
import { defineLocal, type LocalCall } from './local-action.ts'

const view = z.object({
  name: z.string(),
  current: z.boolean(),
  state: z.string().nullable(),
  endpoint: z.string().nullable(),
  project: z.string().nullable(),
})
const named = object({ name: slug().describe('name of the context') })
const viewOf = (context: Context, { current }: Contexts) => ({ ...context, current: context.name === current })

/** The context in force: NOVA_CONTEXT, else the chosen one. */
const inForce = (contexts: Contexts, { env }: LocalCall): Contexts => ({
  ...contexts,
  current: env.NOVA_CONTEXT || contexts.current,
})

export const contextAdd = defineLocal({
  name: 'context.add',
  summary: 'add a named context; the first one is used at once',
  effect: 'write',
  policy: 'reader',
  input: object({
    name: slug().describe('name of the context'),
    at: text(4096).optional().describe('state directory'),
    url: text(2048).optional().describe('URL of a remote nova'),
    in: text().optional().describe('project'),
  }),
  output: view,
  async run({ name, at, url, in: project }, call) {
    const contexts = readContexts(call.env)
    const added = { name, state: at ?? null, endpoint: url ?? null, project: project ?? null }
    const next = addContext(contexts, added)
    if (!call.plan) writeContexts(call.env, next)
    return viewOf(added, next)
  },
})

export const contextList = defineLocal({
  name: 'context.list',
  summary: 'list contexts',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: z.array(view).max(1000),
  async run(_input, call) {
    const contexts = inForce(readContexts(call.env), call)
    return contexts.contexts.map((context) => viewOf(context, contexts))
  },
})

export const contextUse = defineLocal({
  name: 'context.use',
  summary: 'make a context the one that commands use',
  effect: 'write',
  policy: 'reader',
  input: named,
  output: view,
  async run({ name }, call) {
    const contexts = readContexts(call.env)
    const context = findContext(contexts, name)
    const next = { ...contexts, current: name }
    if (!call.plan) writeContexts(call.env, next)
    return viewOf(context, next)
  },
})

export const contextRemove = defineLocal({
  name: 'context.remove',
  summary: 'forget a context; its state stays',
  effect: 'destroy',
  policy: 'reader',
  input: named,
  output: view,
  async run({ name }, call) {
    const contexts = readContexts(call.env)
    const context = findContext(contexts, name)
    const left = contexts.contexts.filter((other) => other.name !== name)
    const next = { current: contexts.current === name ? null : contexts.current, contexts: left }
    if (!call.plan) writeContexts(call.env, next)
    return viewOf(context, next)
  },
})

export const contextShow = defineLocal({
  name: 'context.show',
  summary: 'show a context, or where commands go now',
  effect: 'read',
  policy: 'reader',
  input: object({ name: slug().optional().describe('name of the context') }),
  output: view,
  async run({ name }, call) {
    const contexts = inForce(readContexts(call.env), call)
    if (name !== undefined) return viewOf(findContext(contexts, name), contexts)
    const target = targetOf({ state: undefined, project: undefined, context: undefined, endpoint: undefined }, call.env)
    return {
      name: contexts.current ?? '-',
      current: true,
      state: target.stateDirectory,
      endpoint: target.endpoint ?? null,
      project: target.projectId,
    }
  },
})
