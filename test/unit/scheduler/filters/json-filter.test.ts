import { describe, expect, it } from 'vitest'
import { jsonFilter } from '../../../../src/scheduler/filters/json-filter.ts'
import { aCandidate, aFleet, aRequest } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const query = (value: unknown) => ({ hints: { query: typeof value === 'string' ? value : JSON.stringify(value) } })
const passes = (value: unknown) => jsonFilter.passes(aCandidate(), aRequest(query(value)), aFleet([])) === true

describe(jsonFilter.name, () => {
  itDecides(jsonFilter, [
    { that: 'passes without the hint' },
    {
      that: 'shows the query that a host does not meet',
      request: query(['>=', '$free_ram_mb', 20_000]),
      refuses: 'does not meet the query [">=","$free_ram_mb",20000]',
      change: 'drop hint query',
    },
  ])

  // free_ram_mb 16384, free_disk_mb 512000, vcpus_total 8, vcpus_used 0
  it.each([
    [['=', '$hypervisor_hostname', 'host-a'], true],
    [['=', '$host', 'host-b'], false],
    [['=', '$vcpus_total', 8, 8.0], true],
    [['=', '$vcpus_total'], false],
    [['<', '$vcpus_used', 1, 2], true],
    [['<', '$vcpus_used', 1, 0], false],
    [['>', '$free_disk_mb', 511_999], true],
    [['<=', '$total_usable_ram_mb', 16_384], true],
    [['>=', 'b', 'a'], true],
    [['<', 'a', 1], false],
    [['in', '$host', 'host-b', 'host-a'], true],
    [['in', '$host', 'host-b'], false],
    [['not', ['=', '$host', 'host-a']], false],
    [['not', ['=', '$host', 'host-b'], ['=', '$host', 'host-a']], true],
    [['and', ['not', ['=', '$host', 'host-a']], true], false],
    [['or', ['=', '$host', 'host-b'], ['>', '$free_ram_mb', 1]], true],
    [['and', ['=', '$host', 'host-a'], ['>', '$free_ram_mb', 99_999]], false],
    [['=', '$cpu_info.model', 'Skylake-Client'], true],
    [['=', '$memoryMb', 16_384], true],
    [['=', '$constructor.name', 'Object'], false],
    [['=', '$__proto__', '$__proto__'], false],
    [['=', '$no_such_fact', 1, 1], true],
    [[], true],
    [['and', []], true],
    [['and'], true],
    [['or'], false],
  ])('%j is %s', (value, expected) => {
    expect(passes(value)).toBe(expected)
  })

  it.each([
    ['{', 'hint query is not JSON'],
    ['{}', 'hint query is not a JSON list'],
    ['"x"', 'hint query is not a JSON list'],
    [['='.repeat(2), 1, 2], "hint query has the unknown operator '=='; known: = < > <= >= in not or and"],
    [['__proto__'], "hint query has the unknown operator '__proto__'; known: = < > <= >= in not or and"],
    [[[['=']]], 'hint query has a list that does not start with an operator; known: = < > <= >= in not or and'],
    [['=', { a: 1 }], 'hint query holds an object, only lists, texts, numbers and booleans count'],
    [`${'["not",'.repeat(40)}1${']'.repeat(40)}`, 'hint query is deeper than 32 lists'],
    [JSON.stringify(['=', 'x'.repeat(17_000)]), 'hint query has 17008 characters, the limit is 16384'],
    ['['.repeat(16_000), 'hint query is not JSON'],
    [
      `${'['.repeat(8_000)}${']'.repeat(8_000)}`,
      'hint query has a list that does not start with an operator; known: = < > <= >= in not or and',
    ],
  ])('refuses query %#', (value, message) => {
    expect(() => passes(value)).toThrow(expect.objectContaining({ kind: 'invalid', message }))
  })
})
