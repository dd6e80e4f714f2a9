import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import { filters } from '../../../src/scheduler/catalogue.ts'
import { selectHost, summarise } from '../../../src/scheduler/select-hosts.ts'
import { aCandidate, aFleet, anAggregate, aPlacedServer, aRequest } from '../../support/a-candidate.ts'
import { fc } from '../../support/property.ts'

const nasty = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '__proto__',
    'constructor',
    '(a+)+$',
    '<or>',
    '<in>',
    '<all-in>',
    '>= NaN',
    '= 1e999',
    '-0',
    '>=',
    's<',
  ),
  fc.constantFrom(
    '9'.repeat(400),
    `${'0-9,'.repeat(50)}`,
    '\u0000',
    '\ud800',
    '1,2,,',
    '::',
    ':1',
    '["not"',
    '$__proto__',
    '<or> <or> <or>',
  ),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.double().map(String),
)
const key = fc.oneof(
  nasty,
  nasty.map((end) => `capabilities:${end}`),
  nasty.map((end) => `aggregate_instance_extra_specs:${end}`),
  fc.constantFrom(
    'hw:numa_nodes',
    'hw:cpu_policy',
    'hw:mem_page_size',
    'hw:numa_cpus.0',
    'hw:numa_mem.0',
    'pci_passthrough:alias',
  ),
  fc.constantFrom(
    'hw_architecture',
    'hypervisor_version_requires',
    'img_hv_type',
    'hw_vm_mode',
    'filter_tenant_id',
    'instance_type',
  ),
  fc.constantFrom(
    'max_io_ops_per_host',
    'max_instances_per_host',
    'ram_weight_multiplier',
    'capabilities:cpu_info:features:length',
  ),
)
const pairs = fc.array(fc.tuple(key, nasty), { maxLength: 5 })
const query = fc.option(
  fc.oneof(
    nasty,
    fc.json({ maxDepth: 5 }),
    fc.jsonValue().map((value) => JSON.stringify(['and', value])),
  ),
)

describe('hostile extra specs, properties, metadata and hints', () => {
  it('are refused or answered, and never break the scheduler', () => {
    fc.assert(
      fc.property(
        pairs,
        pairs,
        pairs,
        fc.array(nasty, { maxLength: 2 }),
        query,
        fc.option(nasty),
        (specs, properties, metadata, ids, json, ip) => {
          const host = aCandidate({
            aggregates: [anAggregate(...metadata)],
            servers: [aPlacedServer({ extraSpecs: specs })],
            inventory: { numaCells: [{ id: 0, cpus: [0, 1], memoryMb: 4096, pageSizesKb: [4] }] },
          })
          const request = aRequest({
            flavor: { extraSpecs: specs },
            image: { properties },
            hints: { sameHost: ids, differentHost: ids, query: json, buildNearHostIp: ip, cidr: ip },
          })
          const fleet = aFleet([host], { filters: filters.map(({ name }) => name) })
          expect(faultKind(() => summarise(selectHost(request, fleet, { explain: true, random: () => 0 })))).toMatch(
            /^(none|invalid)$/,
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})

function faultKind(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof Fault ? error.kind : String(error)
  }
}
