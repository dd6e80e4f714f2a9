/** Boots over RabbitMQ and PostgreSQL: one api, two conductors, two compute workers, fake hypervisors in memory; 1, 10 and 100 clients. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { aCluster } from '../support/a-cluster.ts'
import { postgresObstacle } from '../support/postgres.ts'
import { rabbitObstacle } from '../support/rabbitmq.ts'
import { bootRows } from './boots-of-clients.ts'
import { imageRows } from './image-over-bus.ts'
import { cpuOfDescendants } from './process-usage.ts'
import type { Row } from './row.ts'

const hosts = 4
const unlimited = {
  NOVA_SET_MAX_INSTANCES_PER_HOST: '100000',
  NOVA_SET_MAX_IO_OPS_PER_HOST: '100000',
  NOVA_SET_RAM_ALLOCATION_RATIO: '10000',
  NOVA_SET_CPU_ALLOCATION_RATIO: '10000',
  NOVA_SET_LOG_LEVEL: 'warn',
}

export async function benchDistributed(): Promise<Row[]> {
  if (rabbitObstacle() ?? postgresObstacle()) return []
  const hypervisor = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nk-'))
  const cluster = await aCluster(unlimited)
  try {
    const names = Array.from({ length: hosts }, (_, index) => `kvm${index}`)
    await cluster.start('con1', { roles: 'conductor' })
    const rest = [cluster.start('con2', { roles: 'conductor' }), cluster.start('api', { roles: 'api' })]
    for (const name of ['cmp1', 'cmp2']) rest.push(cluster.start(name, { roles: 'compute', hosts: names.join(',') }))
    await Promise.all(rest)
    const api = await cluster.client('api')
    for (const name of names) await api.call('host.add', { name, driver: 'fake', instancesPath: path.join(hypervisor, name) })
    await api.call('quota.set', { project: 'default', instances: -1, cores: -1, ram: -1 })
    api.close()
    const boots = await bootRows({
      what: 'over RabbitMQ and PostgreSQL',
      loads: [
        [1, 30],
        [10, 200],
        [100, 600],
      ],
      perSecond: 60,
      connect: () => cluster.client('api'),
      // Daemons, broker and database are all children of this process.
      cpu: cpuOfDescendants,
    })
    return [...boots, ...(await imageRows(cluster.broker.url))]
  } finally {
    await cluster.close()
    rmSync(hypervisor, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename)
  for (const measured of await benchDistributed()) process.stdout.write(`${JSON.stringify(measured)}\n`)
