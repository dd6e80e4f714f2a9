/** The states of a server, the words shown for them, and what may be done in each. */
import { guards } from '../../src/model/guards.ts'
import { powerStates, statusOf, type TaskState, taskStates, vmStates } from '../../src/model/states.ts'
import { code, type Page, page, table } from './page.ts'

/** docs/reference/states.md. */
export const statesPage = (): Page =>
  page('states.md', 'States', [
    'A server has three states: `vmState` is what its user wants, `powerState` what the hypervisor runs, `taskState` what is in flight. ' +
      '`status` is the word that the API shows for the first and the last of them.',
    '## Status',
    table(['vmState', 'taskState', 'status'], statusRows()),
    '## Task states',
    taskStates.map(code).join(', '),
    '## Power states',
    table(
      ['powerState', 'number in Nova'],
      Object.entries(powerStates).map(([name, number]) => [code(name), String(number)]),
    ),
    '## What may be done when',
    'An action in another state is refused with `conflict` (exit code 7), naming the state and what the action needs. ' +
      'Delete is legal in every state and pre-empts what is in flight.',
    table(['action', 'vmState', 'interrupts these task states'], guardRows()),
  ])

/** The plain status of each vm state, then the tasks that change it. */
function statusRows(): string[][] {
  return vmStates.flatMap((vmState) => {
    const plain = statusOf({ vmState, taskState: null })
    const words = new Map<string, TaskState[]>()
    for (const taskState of taskStates) {
      const word = statusOf({ vmState, taskState })
      if (word !== plain) words.set(word, [...(words.get(word) ?? []), taskState])
    }
    const others = [...words].map(([word, tasks]) => [code(vmState), tasks.map(code).join(', '), code(word)])
    return [[code(vmState), words.size > 0 ? 'none, or another' : 'any', code(plain)], ...others]
  })
}

const guardRows = () =>
  Object.entries(guards).map(([action, guard]) => {
    const tasks: readonly string[] | string = 'tasks' in guard ? guard.tasks : []
    return [
      code(action),
      guard.vmStates.map(code).join(', '),
      typeof tasks === 'string' ? tasks : tasks.map(code).join(', ') || 'none',
    ]
  })
