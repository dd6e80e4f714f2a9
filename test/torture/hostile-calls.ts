/** Calls as somebody who means harm, or has a broken client, would send them: from the actions' own declarations, and raw. */
import type { AnyAction } from '../../src/core/action.ts'
import { type Field, fieldsOf } from '../../src/core/schema.ts'

export type Random = () => number
const pick = <T>(random: Random, items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]

/** Texts that have broken programs. */
const hostileTexts: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\ud800',
  '\udfff\ud800x',
  'a\0b',
  'two\nlines',
  '\u202eevil',
  '../../../../etc/passwd',
  '/proc/self/environ',
  '--help',
  '-x',
  '$(reboot)',
  "';DROP TABLE servers;--",
  '%s%n%x',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '',
  '\ufeff',
  '𝕊'.repeat(64),
]
const wrongTypes: readonly unknown[] = [null, true, 0, -1, 1e308, 1.5, 2 ** 53, [], {}, [[]], [null], { length: 5 }, '1e3', 'NaN']

const plausible = ({ kind, options, minimum }: Field): unknown =>
  ({
    string: 'web',
    number: minimum ?? 1,
    integer: minimum ?? 1,
    boolean: false,
    enum: options[0],
    list: [],
    pairs: [['a', 'b']],
  })[kind]

/** A value for one field; `known` are names and ids of things that are there. */
function valueFor(field: Field, known: readonly string[], random: Random): unknown {
  const roll = random()
  if (roll < 0.35) return plausible(field)
  if (roll < 0.55) return pick(random, known)
  if (roll < 0.8) return field.kind === 'string' ? pick(random, hostileTexts) : pick(random, wrongTypes)
  if (roll < 0.9) return pick(random, wrongTypes)
  if (field.kind === 'list') return Array(2000).fill('x')
  return field.kind === 'pairs'
    ? [
        ['__proto__', 'x'],
        ['__proto__', 'y'],
      ]
    : JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`)
}

/** The text of a call to `action`; every now and then with keys twice, keys of the prototype, or fields of nobody. */
export function hostileCall(action: AnyAction, known: readonly string[], random: Random): string {
  const members: string[] = []
  for (const field of fieldsOf(action.input)) {
    if (field.name === 'follow' || (!field.required && random() < 0.5)) continue
    const member = `${JSON.stringify(field.name)}:${JSON.stringify(valueFor(field, known, random)) ?? 'null'}`
    members.push(member)
    if (random() < 0.05) members.push(member)
  }
  if (random() < 0.1) members.push('"__proto__":{"isAdmin":true,"roles":["admin"]}')
  if (random() < 0.05) members.push('"constructor":{"prototype":{"roles":["admin"]}}')
  if (random() < 0.1) members.push(`"$call":${pick(random, metas)}`)
  const id = pick(random, ['1', '"x"', 'null', '1e400', '{}', '"__proto__"'])
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(action.name)},"params":{${members.join(',')}}}`
}

const metas: readonly string[] = [
  '{"roles":["admin"]}',
  '{"projectId":"alpha"}',
  '{"userId":"root"}',
  '{"at":"1"}',
  '{"at":"9999999999999"}',
  '{"at":"yesterday"}',
  '{"requestId":"../x"}',
  '{"__proto__":{"roles":["admin"]}}',
  '{"plan":1}',
]

/** Bodies that are no call at all. */
export const rawBodies: readonly string[] = [
  '',
  '\0',
  '{',
  'null',
  '""',
  '[]',
  '[[]]',
  '[null]',
  '['.repeat(1_000_000),
  `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  `"${'x'.repeat(10_000_000)}"`,
  `[${Array(5000).fill('{}').join(',')}]`,
  '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
  '{"jsonrpc":"2.0","id":1,"method":"constructor","params":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"server/create","params":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"../../x.y","params":{}}',
  '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"server.list"}',
  '{"jsonrpc":"2.0","id":1,"method":"cancel","params":{"id":{}}}',
  '{"jsonrpc":"2.0","id":1,"method":"upload.append","params":{"upload":"x","offset":-1,"data":"%%%"}}',
  '{"jsonrpc":"2.0","id":1,"method":"upload.append","params":{"upload":"__proto__","offset":0,"data":""}}',
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
]
