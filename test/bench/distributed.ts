/** Boots over RabbitMQ and PostgreSQL: one api, two conductors, two compute workers, fake hypervisors in memory; 1, 10 and 100 clients. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { aCluster, type Cluster } from '../support/a-cluster.ts'
import { postgresObstacle } from '../support/postgres.ts'
import { rabbitObstacle } from '../support/rabbitmq.ts'
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
    await boots(cluster, 10, 40, 'warm')
    const rows: Row[] = []
    for (const [clients, count] of [
      [1, 30],
      [10, 120],
      [100, 300],
    ] as const) {
      const before = cpuOf(cluster)
      const { p50, p99, perSecond } = await boots(cluster, clients, count, `c${clients}`)
      const who = clients === 1 ? '1 client' : `${clients} clients`
      rows.push(
        row(`boot over RabbitMQ and PostgreSQL, ${who}, p50`, p50, 'ms'),
        row(`boot over RabbitMQ and PostgreSQL, ${who}, p99`, p99, 'ms'),
        clients === 1
          ? row(`boots over RabbitMQ and PostgreSQL, ${who}`, perSecond, '/s')
          : row(`boots over RabbitMQ and PostgreSQL, ${who}`, perSecond, '/s', '≥ 60 /s', perSecond >= 60),
      )
      rows.push(row(`CPU of all services a boot, ${who}`, ((cpuOf(cluster) - before) * 1000) / count, 'ms'))
    }
    return rows
  } finally {
    await cluster.close()
    rmSync(hypervisor, { recursive: true, force: true })
  }
}

/** User and system seconds of the daemons of a cluster, its broker and its database. */
function cpuOf({ broker }: Cluster): number {
  const isOurs = (line: string) =>
    (line.includes('daemon run') && line.includes(broker.url)) ||
    (line.includes('beam.smp') && line.includes('nk-mq-')) ||
    line.includes('postgres: nova nova 127.0.0.1')
  const lines = execFileSync('ps', ['-eo', 'cputimes=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter(isOurs).reduce((sum, line) => sum + Number.parseInt(line, 10), 0)
}

const row = (work: string, value: number, unit: string, budget = '', met = true): Row => ({
  work,
  value,
  unit,
  comparedWith: '',
  comparison: null,
  ratio: null,
  budget,
  met,
})

async function boots(cluster: Cluster, clients: number, count: number, prefix: string) {
  const taken: number[] = []
  const began = performance.now()
  let next = 0
  const client = async () => {
    const connection = await cluster.client('api')
    for (let index = next++; index < count; index = next++) {
      const start = performance.now()
      await connection.call('server.create', { name: `${prefix}-${index}`, flavor: 'm1.tiny', configDrive: false, nic: 'none' })
      taken.push(performance.now() - start)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99), perSecond: count / ((performance.now() - began) / 1000) }
}

if (process.argv[1] === import.meta.filename)
  for (const measured of await benchDistributed()) process.stdout.write(`${JSON.stringify(measured)}\n`)
