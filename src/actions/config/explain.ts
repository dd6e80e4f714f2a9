import { Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import { object, text, z } from '../../core/schema.ts'
import { environmentName } from '../../setting-names.ts'
import { defineAction } from '../context.ts'

export const explain = defineAction({
  name: 'config.explain',
  summary: 'explain one setting: its value, default, source and the ways to set it',
  effect: 'read',
  policy: 'admin',
  input: object({ key: text(64).describe('name of the setting') }),
  output: z.strictObject({
    key: z.string(),
    value: z.unknown(),
    default: z.unknown(),
    from: z.string(),
    file: z.string(),
    environment: z.string(),
    type: z.string(),
  }),
  async run({ key }, context) {
    const all = context.settingSources()
    const found = all.find((setting) => setting.key === key)
    if (!found) {
      const names = all.map((setting) => setting.key)
      const [near] = nearest(key, names)
      throw new Fault('not-found', `there is no setting ${key}`, {
        hint: near === undefined ? 'nova config show' : `did you mean ${near}?`,
      })
    }
    const type = Array.isArray(found.default) ? 'list' : typeof found.default
    return { ...found, file: 'settings.json in the state directory', environment: environmentName(key), type }
  },
})
