/** The JSON of every record and view. */
import type { Schema } from '../../src/core/schema.ts'
import { flavorRecord, flavorView } from '../../src/model/flavor.ts'
import { hostRecord, hostView, inventory } from '../../src/model/host.ts'
import { imageRecord, imageView } from '../../src/model/image.ts'
import { keypairRecord, keypairView } from '../../src/model/keypair.ts'
import { aggregateRecord, aggregateView, serverGroupRecord, serverGroupView } from '../../src/model/placement.ts'
import { quotaRecord, quotaView } from '../../src/model/quota.ts'
import { serverRecord } from '../../src/model/server.ts'
import { serverView } from '../../src/model/server-view.ts'
import { migrations } from '../../src/state/json/migrations.ts'
import type { LoadedCommand } from './load-commands.ts'
import { code, type Page, page, table } from './page.ts'
import { type Key, type Shape, shapeOf } from './shape.ts'
import { fieldComments, interfaceFields } from './source-comments.ts'

interface Entry {
  readonly title: string
  readonly schema: Schema
  /** Where its fields are commented. */
  readonly files: readonly string[]
}

const model = (...names: readonly string[]) => names.map((name) => `src/model/${name}.ts`)

/** What commands print. */
const views: readonly Entry[] = [
  { title: 'server', schema: serverView, files: model('server-view', 'server') },
  { title: 'flavor', schema: flavorView, files: model('flavor') },
  { title: 'image', schema: imageView, files: model('image') },
  { title: 'key pair', schema: keypairView, files: model('keypair') },
  { title: 'host', schema: hostView, files: model('host') },
  { title: 'inventory', schema: inventory, files: model('host') },
  { title: 'aggregate', schema: aggregateView, files: model('placement') },
  { title: 'server group', schema: serverGroupView, files: model('placement') },
  { title: 'quota line', schema: quotaView, files: model('quota') },
]

/** What the state directory keeps. */
const records: readonly Entry[] = [
  { title: 'servers', schema: serverRecord, files: model('server') },
  { title: 'flavors', schema: flavorRecord, files: model('flavor') },
  { title: 'images', schema: imageRecord, files: model('image') },
  { title: 'keypairs', schema: keypairRecord, files: model('keypair') },
  { title: 'hosts', schema: hostRecord, files: model('host') },
  { title: 'aggregates', schema: aggregateRecord, files: model('placement') },
  { title: 'serverGroups', schema: serverGroupRecord, files: model('placement') },
  { title: 'quotas', schema: quotaRecord, files: model('quota') },
]

/** Records that the program alone writes have no schema; their interfaces say what is in them. */
const declared = [
  { title: 'flows', file: 'src/model/flow.ts', name: 'FlowRecord' },
  { title: 'flow steps', file: 'src/model/flow.ts', name: 'StepRecord' },
  { title: 'requests', file: 'src/model/request.ts', name: 'RequestRecord' },
  { title: 'decisions', file: 'src/scheduler/types.ts', name: 'Decision' },
] as const

const keysOf = ({ schema, files }: Entry) => shapeOf(schema, fieldComments(...files)).keys

/** The view of that shape, by title and anchor; undefined for other JSON. */
export function recordOf(shape: Shape): { title: string; anchor: string } | undefined {
  const found = views.find(({ schema }) => shapeOf(schema).fingerprint === shape.fingerprint)
  return found && { title: found.title, anchor: found.title.replaceAll(' ', '-') }
}

/** docs/reference/records.md. */
export async function recordsPage(commands: readonly LoadedCommand[]): Promise<Page> {
  return page('records.md', 'Records', [
    `What \`--json\` prints, in version ${await jsonVersion(commands)} of the output (\`nova version\` says which one a program has), ` +
      `and what the state directory keeps, in schema ${migrations.length}. ` +
      'New keys may come in any version; a key that goes or changes its meaning raises the number. Times are ISO 8601 in UTC.',
    '## Output',
    ...views.flatMap((entry) => [`### ${entry.title}`, keyTable(keysOf(entry))]),
    '## State',
    ...records.flatMap((entry) => [`### ${entry.title}`, keyTable(keysOf(entry))]),
    ...declared.flatMap(({ title, file, name }) => [`### ${title}`, keyTable(interfaceFields(file, name))]),
  ])
}

const keyTable = (keys: readonly Key[]) =>
  table(
    ['key', 'type', 'meaning'],
    keys.map(({ name, type, meaning }) => [code(name), type, meaning]),
  )

async function jsonVersion(commands: readonly LoadedCommand[]): Promise<string> {
  const command = commands.find(({ name }) => name === 'version')
  const { json } = Object(await command?.declaration.run({}, Object()))
  if (typeof json !== 'number') throw new Error('nova version does not say the version of the JSON output')
  return String(json)
}
