import { commandFor } from '../../cli/command-for.ts'
import { contextShow } from '../../cli/context-actions.ts'

export default commandFor(contextShow, { args: ['name'], examples: ['nova context show', 'nova context show lab'] })
