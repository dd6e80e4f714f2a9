/** Writes into the disk of a guest that runs, as the guest would, and reads what a disk holds once it is off. */
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Server } from '../../../src/model/server.ts'
import type { RigHost } from '../../support/rig/rig-host.ts'
import { imageBytes, mark, type RigCloud } from './rig-cloud.ts'

/** The mark, and a flush: from now on the disk must have it, whatever happens. */
export async function markDisk(cloud: RigCloud, host: RigHost, { id }: Pick<Server, 'id'>): Promise<void> {
  const device = `/machine/peripheral/${cloud.driver === 'qemu' ? 'disk-root' : 'virtio-disk0'}/virtio-backend`
  const orders = [`write -P ${mark.byte} ${mark.offset} ${mark.size}`, 'flush'].map((order) => `qemu-io -d ${device} "${order}"`)
  for (const order of orders) {
    const said =
      cloud.driver === 'qemu' ? await tell(join(cloud.instancesOf(host), id, 'qmp.sock'), order) : virsh(host, id, order)
    if (/error|failed/i.test(said)) throw new Error(`${order}: ${said}`)
  }
}

/** What the guest's monitor says to a person. */
export const askMonitor = async (cloud: RigCloud, host: RigHost, id: string, line: string): Promise<string> =>
  cloud.driver === 'qemu' ? tell(join(cloud.instancesOf(host), id, 'qmp.sock'), line) : virsh(host, id, line)

const virsh = (host: RigHost, id: string, order: string) =>
  host.enter('/usr/bin/virsh', '-q', '-c', 'qemu:///system', 'qemu-monitor-command', id, '--hmp', order)

/** One line of a person to a monitor that speaks QMP. */
function tell(socket: string, line: string): Promise<string> {
  const commands = [{ execute: 'qmp_capabilities' }, { execute: 'human-monitor-command', arguments: { 'command-line': line } }]
  return new Promise((resolve, reject) => {
    const connection = connect(socket)
    let said = ''
    connection.on('error', reject)
    connection.on('data', (bytes) => {
      said += bytes.toString('utf8')
      if ((said.match(/"(return|error)"/g) ?? []).length < commands.length) return
      connection.destroy()
      resolve(said)
    })
    connection.write(commands.map((command) => `${JSON.stringify(command)}\n`).join(''))
  })
}

const checksum = `
set -e
qemu-img check -q -f qcow2 "$1"
qemu-img convert -f qcow2 -O raw "$1" "$1.torture"
head -c ${imageBytes} "$1.torture" | sha256sum
rm "$1.torture"`

/** The checksum of the first bytes of a root disk; throws when the file is not whole. */
export function diskContent(cloud: RigCloud, host: RigHost, { id }: Pick<Server, 'id'>): string {
  const said = host.enter('sh', '-c', checksum, 'sh', `${cloud.instancesPath}/${id}/disk`)
  return said.split(' ')[0] ?? ''
}
