/** Every row of the matrix that this project runs. */
import type { Row } from './row.ts'

const loaders: ReadonlyMap<string, () => Promise<Row>> = new Map([
  ['R1', async () => (await import('../rows/every-step.ts')).everyStepRow],
  ['R2', async () => (await import('../rows/kill-at-calls.ts')).killAtCalls],
  ['R2b', async () => (await import('../rows/kill-archive.ts')).killArchive],
  ['R2c', async () => (await import('../rows/kill-purge-history.ts')).killPurgeHistory],
  ['R3', async () => (await import('../rows/kill-at-calls.ts')).killRecovery],
  ['R4', async () => (await import('../rows/journal-bytes.ts')).journalBytes],
  ['R7', async () => (await import('../rows/disk-errors.ts')).diskFull],
  ['R8', async () => (await import('../rows/disk-errors.ts')).flushFails],
  ['R9', async () => (await import('../rows/disk-errors.ts')).scarcity],
  ['R10', async () => (await import('../rows/clock-jumps.ts')).clockJumps],
  ['R11', async () => (await import('../rows/paused-owners.ts')).pausedOwners],
  ['R12', async () => (await import('../rows/crowds.ts')).crowdsRow],
  ['R13', async () => (await import('../rows/histories.ts')).linearizability],
  ['R14', async () => (await import('../rows/histories.ts')).isolation],
  ['R15', async () => (await import('../rows/faulty-messages.ts')).faultyMessages],
  ['R16', async () => (await import('../rows/broker-faults.ts')).brokerFaults],
  ['R18', async () => (await import('../rows/partitions.ts')).partitions],
  ['R19', async () => (await import('../rows/ssh-transport.ts')).sshTransport],
  ['R20', async () => (await import('../rows/host-faults.ts')).hostFaults],
  ['R21', async () => (await import('../rows/lying-hosts.ts')).lyingHosts],
  ['R24', async () => (await import('../rows/fuzz-doors.ts')).fuzzDoors],
  ['R27', async () => (await import('../rows/overload.ts')).overload],
])

export const rowIds: readonly string[] = [...loaders.keys()]

/** The row; throws for one that does not exist. */
export async function loadRow(id: string): Promise<Row> {
  const load = loaders.get(id)
  if (load) return load()
  throw new Error(`no row ${id}; there are: ${rowIds.join(', ')}`)
}
