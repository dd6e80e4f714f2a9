/** Which actions can be undone from history, and for every other one that changes something: why not, and what takes it back. */
import type { AnyAction } from '../../core/action.ts'
import { addHost } from '../aggregate/add-host.ts'
import { create as createAggregate } from '../aggregate/create.ts'
import { remove as deleteAggregate } from '../aggregate/delete.ts'
import { removeHost } from '../aggregate/remove-host.ts'
import { set as setAggregate } from '../aggregate/set.ts'
import { unset as unsetAggregate } from '../aggregate/unset.ts'
import { create as createFlavor } from '../flavor/create.ts'
import { remove as deleteFlavor } from '../flavor/delete.ts'
import { set as setFlavor } from '../flavor/set.ts'
import { unset as unsetFlavor } from '../flavor/unset.ts'
import { remove as forgetHost } from '../host/remove.ts'
import { set as setHost } from '../host/set.ts'
import { undrain } from '../host/undrain.ts'
import { unset as unsetHost } from '../host/unset.ts'
import { set as setImage } from '../image/set.ts'
import { unset as unsetImage } from '../image/unset.ts'
import { create as createKeypair } from '../keypair/create.ts'
import { remove as deleteKeypair } from '../keypair/delete.ts'
import { importKey } from '../keypair/import.ts'
import { set as setQuota } from '../quota/set.ts'
import { lock } from '../server/lock.ts'
import { rename } from '../server/rename.ts'
import { set as setServer } from '../server/set.ts'
import { unlock } from '../server/unlock.ts'
import { unset as unsetServer } from '../server/unset.ts'
import { create as createGroup } from '../server-group/create.ts'
import { remove as deleteGroup } from '../server-group/delete.ts'
import { disable } from '../service/disable.ts'
import { enable } from '../service/enable.ts'
import { forceDown } from '../service/force-down.ts'

/** Their whole effect is in the records, in one revision: who may do them may undo them. */
export const undoable: ReadonlyMap<string, AnyAction> = new Map<string, AnyAction>(
  [
    ...[createFlavor, deleteFlavor, setFlavor, unsetFlavor],
    ...[createAggregate, deleteAggregate, setAggregate, unsetAggregate, addHost, removeHost],
    ...[setQuota, createKeypair, importKey, deleteKeypair, createGroup, deleteGroup],
    ...[setHost, unsetHost, forgetHost, undrain, enable, disable, forceDown],
    ...[setImage, unsetImage, setServer, unsetServer, rename, lock, unlock],
  ].map((action: AnyAction) => [action.name, action]),
)

/** Why an action is not undone from history. */
export interface Lasting {
  /** Follows the action's name in a sentence. */
  readonly why: string
  /** The command that takes it back, if there is one. */
  readonly instead: string | undefined
}

const onHosts = 'ran an operation on a host'
const bytes = 'moved or removed bytes of an image'
const token = 'made a token or ended one'
const upkeep = 'worked on what is stored, not on a record of yours'
const secret = 'put a secret into the vault or took it from there'
const order = 'gave an order to an operation'

/** Why, the actions, and for each the command that takes it back. */
const groups: readonly (readonly [why: string, actions: Readonly<Record<string, string | undefined>>])[] = [
  [
    onHosts,
    {
      ...{ 'server.create': 'delete', 'server.delete': 'restore', 'server.force-delete': undefined, 'server.restore': 'delete' },
      ...{ 'server.start': 'stop', 'server.stop': 'start', 'server.reboot': undefined, 'server.rebuild': undefined },
      ...{ 'server.pause': 'unpause', 'server.unpause': 'pause', 'server.suspend': 'resume', 'server.resume': 'suspend' },
      ...{ 'server.rescue': 'unrescue', 'server.unrescue': 'rescue', 'server.shelve': 'unshelve', 'server.unshelve': 'shelve' },
      ...{ 'server.resize': 'resize-revert', 'server.migrate': 'resize-revert', 'server.confirm': 'resize' },
      ...{ 'server.revert': 'resize', 'server.live-migrate': 'live-migration', 'server.evacuate': undefined },
      ...{ 'server.attach-interface': 'interface-detach', 'server.detach-interface': 'interface-attach' },
      ...{ 'server.add-disk': 'disk-detach', 'server.remove-disk': undefined, 'server.set-password': 'set-password' },
      ...{ 'server.shelve-offload': 'unshelve', 'server.reset-state': 'reset-state' },
      ...{ 'server.create-image': 'image delete', 'server.backup': 'image delete' },
      ...{ 'server.confirm-expired': undefined, 'server.fail-stuck-builds': undefined, 'server.offload-expired': 'unshelve' },
      ...{ 'server.reboot-stuck': undefined, 'server.reclaim': undefined, 'server.sync-power-states': undefined },
      ...{ 'server.unrescue-expired': 'rescue', 'import.adopt': 'import release', 'import.release': 'import adopt' },
      ...{ 'host.add': 'host remove', 'host.drain': 'host undrain', 'host.evacuate': undefined, 'host.rebalance': undefined },
      ...{ 'host.refresh': undefined, 'image.prefetch': undefined, 'cache.gc': undefined, 'doctor.run': undefined },
      ...{ 'operation.resume': undefined, 'periodic.run': undefined, 'usage.audit': undefined },
    },
  ],
  [bytes, { 'image.create': 'image delete', 'image.delete': 'image create' }],
  [token, { 'token.create': 'token revoke', 'token.revoke': 'token create' }],
  [secret, { 'webhook.add': 'webhook remove', 'webhook.remove': 'webhook add' }],
  [order, { 'migration.abort': undefined, 'migration.force-complete': undefined, 'queue.retry': undefined }],
  [
    upkeep,
    {
      ...{ 'db.archive': 'db restore', 'db.restore': 'db archive', 'db.compact': undefined, 'db.migrate-online': undefined },
      ...{
        'db.purge': undefined,
        'db.purge-history': undefined,
        'db.sync': undefined,
        'webhook.retry': undefined,
        'webhook.test': undefined,
      },
    },
  ],
]

export const lasting: ReadonlyMap<string, Lasting> = new Map(
  groups.flatMap(([why, actions]) =>
    Object.entries(actions).map(([action, verb]) => [action, { why, instead: verb === undefined ? undefined : `nova ${verb}` }]),
  ),
)
