import { list } from '../../actions/queue/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, { columns: ['name', 'messages', 'consumers'], examples: ['nova queue list'] })
