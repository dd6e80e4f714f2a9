/** What went wrong with the database, as faults that name it and never show a password or a record. */
import { Fault } from '../../core/fault.ts'
import type { Address } from './address.ts'

/** SQLSTATE of an answer of the server; undefined when it did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'severity' in error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** True when the connection is gone, or the server is: another one may do better. */
export function isLost(error: unknown): boolean {
  if (error instanceof Fault) return false
  const state = sqlStateOf(error)
  // 08 connection, 57P01-3 shutdown, crash, starting up, 25P03 and 57P05 idle for too long, 53300 too many connections.
  return state === undefined ? isOfNetwork(error) : /^(08...|57P0[1235]|25P03|53300)$/.test(state)
}

const networkCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ENOENT|ERR_STREAM|ERR_SOCKET)/
const networkMessages = /connection|terminated|timeout|socket|closed/i

function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (networkCodes.test(code)) return true
  if (error instanceof AggregateError) return error.errors.some(isOfNetwork)
  // The library gives its own errors no codes.
  return code === '' && !(error instanceof TypeError || error instanceof RangeError) && networkMessages.test(error.message)
}

/** `error` as a fault about the database at `address`. */
export function databaseFault(error: unknown, { place, user, database }: Address): Fault | Error {
  if (error instanceof Fault) return error
  const state = sqlStateOf(error) ?? ''
  if (isLost(error)) return unreachable(place, error)
  const because = (kind: ConstructorParameters<typeof Fault>[0], message: string, hint?: string) =>
    new Fault(kind, message, { cause: error, ...(hint === undefined ? {} : { hint }) })
  if (state.startsWith('28'))
    return because('forbidden', `${place} does not let user ${user} in`, 'see PGPASSFILE, PGPASSWORD and pg_hba.conf')
  if (state === '3D000') return because('not-found', `${place}: there is no database ${database}`, `createdb ${database}`)
  if (state === '42501') return because('forbidden', `${place}: user ${user} may not do this: ${textOf(error)}`)
  if (state === '55P03') return because('timeout', `${place}: another process kept the state locked for too long`, 'try again')
  if (state === '57014') return because('timeout', `${place} took too long for one statement`, 'try again')
  if (state.startsWith('53')) return because('internal', `${place} is out of resources: ${textOf(error)}`, 'nothing was changed')
  if (state !== '') return because('internal', `${place} refused a statement (${state}): ${textOf(error)}`)
  return error instanceof Error &&
    /certificate|TLS|SSL|self.signed|altname/i.test(`${error.message} ${'code' in error ? error.code : ''}`)
    ? because('forbidden', `${place} cannot be trusted: ${textOf(error)}`, 'see sslmode and sslrootcert in the URL of the state')
    : because('internal', `${place}: ${textOf(error)}`)
}

export function unreachable(place: string, cause: unknown): Fault {
  return new Fault('unreachable', `${place} cannot be reached: ${textOf(cause)}`, {
    hint: 'check that the server runs and that the network lets through; then try again',
    cause,
  })
}

/** The server's message alone: its details may quote records. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError) return textOf(error.errors[0])
  return (error instanceof Error ? error.message : String(error)).slice(0, 300)
}
