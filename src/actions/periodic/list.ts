import { object, z } from '../../core/schema.ts'
import { periodicView } from '../../model/periodic.ts'
import { defineAction, reading } from '../context.ts'
import { periodicTasks } from './tasks.ts'
import { viewOfTask } from './view-of-task.ts'

export const listTasks = defineAction({
  name: 'periodic.list',
  summary: 'list periodic tasks with their intervals and last runs',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.array(periodicView),
  run: async (_input, context) =>
    reading(context, (reader) =>
      Promise.all(
        periodicTasks.map(async (task) => viewOfTask(task, await reader.get('periodicTasks', task.name), context.settings)),
      ),
    ),
})
