/** Event types with what makes them, and the form of a notification; the periodic tasks. */
import { periodicTasks } from '../../src/actions/periodic/tasks.ts'
import { flowCatalogue } from '../../src/flows/catalogue.ts'
import { notification } from '../../src/model/notification.ts'
import {
  lifecycleOf,
  migrationTypes,
  notedTypes,
  refusedType,
  taskTypes,
  thingTypes,
  updateType,
} from '../../src/notifications/event-types.ts'
import { defaultSettings } from '../../src/settings.ts'
import { code, type Page, page, sorted, table } from './page.ts'
import { shapeOf } from './shape.ts'
import { fieldComments } from './source-comments.ts'

const typed = (type: string) => code(`compute.instance.${type}`)

/** docs/reference/notifications.md. */
export function notificationsPage(): Page {
  const { keys } = shapeOf(notification, fieldComments('src/model/notification.ts'))
  return page('notifications.md', 'Notifications', [
    'What `nova events` prints, what webhooks and lifecycle hooks get, and what goes to the queues `notifications.info` and ' +
      '`notifications.error` of RabbitMQ. They are derived from the records, so they come in the order in which things happened, and ' +
      'the same one has the same `message_id` wherever and whenever it is derived. ' +
      "Types are Nova's where Nova has one; a type never " +
      'changes its meaning. [How to react to events](../how-to/react-to-events.md).',
    '## Form',
    table(
      ['key', 'type', 'meaning'],
      keys.map(({ name, type, meaning }) => [code(name), type, meaning]),
    ),
    "The payload of a server has Nova's fields: " +
      '`tenant_id`, `user_id`, `instance_id`, `display_name`, `hostname`, `reservation_id`, ' +
      '`state`, `state_description`, `power_state`, `host`, `node`, `availability_zone`, `instance_type`, `instance_type_id`, ' +
      '`memory_mb`, `vcpus`, `root_gb`, `ephemeral_gb`, `disk_gb`, `image_meta`, `metadata`, `created_at`, `launched_at`, ' +
      '`deleted_at`, `terminated_at`. An update has also `old_state`, `old_task_state`, `new_task_state` and `old_display_name`; a ' +
      'failure `exception` and `message`. It never holds user data, passwords, keys or tokens.',
    '## Operations on servers',
    'A failure has the priority `ERROR`. An operation that waits for an operator tells its failure then, and again when it is taken back.',
    table(['operation', 'when it begins', 'when it ends', 'when it fails'], operationRows()),
    '## Changes of servers',
    table(['type', 'when'], changeRows()),
    '## Other things',
    'Administrators alone see what belongs to no project.',
    table(
      ['thing', 'created', 'changed', 'deleted'],
      Object.entries(thingTypes).map(([name, { created, updated, deleted }]) => [
        code(name),
        ...[created, updated, deleted].map(code),
      ]),
    ),
  ])
}

function operationRows(): string[][] {
  const actions = [...new Set([...flowCatalogue.values()].map(({ action }) => action))]
  return sorted(actions, (action) => action).map((action) => {
    const { start, end, error } = lifecycleOf(action)
    return [code(action), typed(start), typed(end), typed(error)]
  })
}

const changeRows = (): string[][] => [
  [code(updateType), 'its states, name, host, metadata or lock changed, or it was changed by hand'],
  ...[...taskTypes].flatMap(([task, types]) => types.map((type) => [typed(type), `its task state becomes ${code(task)}`])),
  ...[...migrationTypes].map(([status, type]) => [typed(type), `the status of its live migration becomes ${code(status)}`]),
  ...[...notedTypes].map(([action, type]) => [
    typed(type),
    action === 'exists' ? 'it was there in the last period of `instanceUsageAuditPeriod`' : `${action} was done`,
  ]),
  [code(refusedType), 'no host was found for a boot; priority `ERROR`'],
]

/** docs/reference/periodic-tasks.md. */
export const periodicPage = (): Page =>
  page('periodic-tasks.md', 'Periodic tasks', [
    'A daemon runs them by itself; of several daemons over the same records the elected one. `nova periodic list` shows the last run of ' +
      'each, `nova periodic run NAME` runs one now, with or without a daemon. 0 is off; tasks that are off by default are switched on ' +
      'by the setting in their text.',
    table(
      ['task', 'does', 'action', 'seconds between two runs by default'],
      periodicTasks.map((task) => [code(task.name), task.summary, code(task.action), String(task.every(defaultSettings))]),
    ),
    'A run that does not end within its interval (a minute at least) is given up, and begun again once it has really ended. After a stop ' +
      'of the machine, or a jump of its clock, a task that is due runs once. Intervals vary by a twentieth either way, first runs are ' +
      'spread over `periodicFuzzyDelay`.',
  ])
