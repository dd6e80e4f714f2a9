/**
 * A guest's memory as an internal snapshot of its root disk. A file of its own would need qemu to start a program
 * (`exec:`), which its sandbox forbids, and qemu before 8.2 has no other way to write one.
 */
import { Fault } from '../../core/fault.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { fieldsOf } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'

const tag = 'nova-suspend'
const node = 'root'
/** Writing the memory of a large guest to a slow disk. */
const longestJobMs = 600_000

/** Halts the guest and writes its memory, in place of an older one. When that fails the guest goes on as before. */
export async function saveMemory(context: QemuContext, paths: GuestPaths): Promise<void> {
  await withQmp(context, paths.monitor, async (qmp) => {
    const before = fieldsOf(await qmp.execute('query-status'))?.get('status')
    await qmp.execute('stop')
    try {
      await runJob(context, qmp, 'snapshot-delete', { tag, devices: [node] })
      await runJob(context, qmp, 'snapshot-save', { tag, vmstate: node, devices: [node] })
    } catch (error) {
      if (before === 'running') await qmp.execute('cont')
      throw error
    }
  })
}

/** Reads the memory back into a halted guest; it stays halted. */
export async function loadMemory(context: QemuContext, paths: GuestPaths): Promise<void> {
  await withQmp(context, paths.monitor, (qmp) => runJob(context, qmp, 'snapshot-load', { tag, vmstate: node, devices: [node] }))
}

/** Frees the space of a saved memory; silent when there is none. */
export async function deleteSavedMemory(context: QemuContext, paths: GuestPaths): Promise<void> {
  await withQmp(context, paths.monitor, (qmp) => runJob(context, qmp, 'snapshot-delete', { tag, devices: [node] }))
}

async function runJob(context: QemuContext, qmp: Qmp, command: string, args: object): Promise<void> {
  const { clock } = context
  const end = clock.monotonic() + longestJobMs
  await qmp.execute(command, { 'job-id': command, ...args })
  for (;;) {
    const job = await findJob(qmp, command)
    if (job?.get('status') === 'concluded') {
      await qmp.execute('job-dismiss', { id: command })
      if (job.has('error')) throw new Fault('internal', `qemu failed at ${command}: ${String(job.get('error')).slice(0, 500)}`)
      return
    }
    if (clock.monotonic() >= end) throw new Fault('timeout', `qemu did not finish ${command} within ${longestJobMs} ms`)
    await clock.sleep(10)
  }
}

async function findJob(qmp: Qmp, id: string) {
  const jobs = await qmp.execute('query-jobs')
  return Array.isArray(jobs) ? jobs.map(fieldsOf).find((job) => job?.get('id') === id) : undefined
}
