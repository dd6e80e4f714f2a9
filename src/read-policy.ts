/**
 * The policy file, `<state>/policy.json`: rule → role, for what an operator wants otherwise than the actions say.
 * A rule is an action's name (`server.create`) or Nova's name of it (`os_compute_api:servers:create`).
 */
import { Fault } from './core/fault.ts'
import { nearest } from './core/nearest.ts'
import type { RoleNeeded } from './core/perform.ts'
import type { Fs } from './core/ports.ts'
import { novaRules } from './policy-rules.ts'

/** What a rule may say, in our words and in Nova's. */
const words: ReadonlyMap<string, RoleNeeded> = new Map([
  ['reader', 'reader'],
  ['member', 'member'],
  ['admin', 'admin'],
  ['nobody', 'nobody'],
  ['role:reader', 'reader'],
  ['role:member', 'member'],
  ['role:admin', 'admin'],
  ['rule:admin_api', 'admin'],
  ['rule:admin_or_owner', 'member'],
  ['rule:project_member_or_admin', 'member'],
  ['rule:project_reader_or_admin', 'reader'],
  ['is_admin:True', 'admin'],
  ['@', 'reader'],
  ['!', 'nobody'],
])

/** Action → the role it needs; empty when there is no file. Faults: `invalid`, naming the rule. */
export function readPolicy(fs: Fs, stateDirectory: string): ReadonlyMap<string, RoleNeeded> {
  const path = `${stateDirectory}/policy.json`
  const policy = new Map<string, RoleNeeded>()
  if (!fs.exists(path)) return policy
  for (const [rule, said] of entriesOf(fs.readFile(path).toString('utf8'), path)) {
    const role = words.get(String(said))
    if (role === undefined)
      throw new Fault('invalid', `${path}: ${rule} is "${said}"`, { hint: `a rule is one of: ${[...words.keys()].join(', ')}` })
    for (const action of actionsOf(rule, path)) policy.set(action, role)
  }
  return policy
}

function entriesOf(text: string, path: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  } catch (cause) {
    throw new Fault('invalid', `${path} is not JSON`, { cause })
  }
  throw new Fault('invalid', `${path} must hold one JSON object`)
}

function actionsOf(rule: string, path: string): readonly string[] {
  const known = novaRules.get(rule)
  if (known) return known
  if (/^[a-z-]+\.[a-z-]+$/.test(rule)) return [rule]
  const [near] = nearest(rule, [...novaRules.keys()])
  throw new Fault('invalid', `${path}: there is no rule ${rule}`, near === undefined ? {} : { hint: `did you mean ${near}?` })
}

/** Refuses rules for actions that do not exist: a rule with a slip of the pen protects nothing. */
export function checkPolicy(policy: ReadonlyMap<string, unknown>, actions: readonly string[]): void {
  for (const action of policy.keys()) {
    if (actions.includes(action)) continue
    const [near] = nearest(action, actions)
    throw new Fault(
      'invalid',
      `policy.json: there is no action ${action}`,
      near === undefined ? {} : { hint: `did you mean ${near}?` },
    )
  }
}
