/** The doctor's judgement of a host's disks and clock, from what a survey says. */
import { describe, expect, it } from 'vitest'
import { judgeDisks } from '../../../../src/actions/doctor/judge-disks.ts'
import { judgeFiles } from '../../../../src/actions/doctor/judge-files.ts'
import { judgeClock } from '../../../../src/actions/doctor/judge-host.ts'
import type { Observation } from '../../../../src/actions/doctor/look.ts'
import type { Survey, SurveyDisk, SurveyEntry } from '../../../../src/drivers/driver.ts'
import { aServer } from '../../../support/a-server.ts'

const id = '11111111-1111-4111-8111-111111111111'
const digest = 'ab'.repeat(32)
const now = Date.UTC(2026, 0, 2)
const hour = 3_600_000

const seen: Observation = {
  servers: [aServer({ id, name: 'web-1', host: 'kvm1' })],
  deletedIds: new Set(),
  hosts: [],
  openFlows: [],
  orphanFlowIds: new Set(),
  candidates: [],
  imagesWithoutFile: [],
  abandoned: new Map(),
  sharing: new Map(),
  openMoves: [],
  expiredMoves: [],
  storedDigests: new Set([digest]),
  imageSizes: new Map([[digest, 100]]),
  answers: new Map(),
}
const aSurvey = (fields: Partial<Survey>): Survey => ({ at: now, entries: [], disks: [], named: [], sums: [], ...fields })
const anEntry = (path: string, fields: Partial<SurveyEntry> = {}): SurveyEntry => ({
  path,
  kind: 'file',
  bytes: 100,
  modifiedAt: now - 2 * hour,
  target: '',
  ...fields,
})
const aDisk = (fields: Partial<SurveyDisk> = {}): SurveyDisk => ({
  path: `${id}/disk`,
  backing: `/instances/_base/${digest}`,
  hasBacking: true,
  damage: null,
  ...fields,
})
const base = anEntry(`_base/${digest}`)

describe('judgeDisks', () => {
  it('finds nothing wrong with a disk on its whole base', () => {
    expect(judgeDisks('kvm1', aSurvey({ entries: [base], disks: [aDisk()] }), seen)).toEqual([])
  })

  it('names the servers that need a base that is missing, and brings it again when it is stored', () => {
    const survey = aSurvey({ disks: [aDisk({ hasBacking: false })] })
    const [finding, ...others] = judgeDisks('kvm1', survey, seen)
    expect(finding).toMatchObject({ code: 'NVD016', digest, repair: 'bring the image there again' })
    expect(finding?.message).toContain('the disks of web-1 are based on it')
    expect(others).toEqual([])
    expect(judgeDisks('kvm1', survey, { ...seen, storedDigests: new Set() })).toMatchObject([{ code: 'NVD016', repair: null }])
  })

  it.each([
    [{ damage: 'it is no qcow2 disk', backing: null }, 'it is no qcow2 disk'],
    [{ backing: '/elsewhere/base', hasBacking: false }, 'its backing file /elsewhere/base is not there'],
  ])('reports a broken disk: %j', (fields, message) => {
    const found = judgeDisks('kvm1', aSurvey({ entries: [base], disks: [aDisk(fields)] }), seen)
    expect(found).toMatchObject([{ code: 'NVD017', object: 'server web-1', repair: null }])
    expect(found[0]?.message).toContain(message)
  })

  it('finds a base that is too short without reading it, and one with other content by its sum', () => {
    const short = aSurvey({ entries: [{ ...base, bytes: 60 }], disks: [aDisk()] })
    expect(judgeDisks('kvm1', short, seen)).toMatchObject([
      { code: 'NVD018', message: expect.stringContaining('60 of 100 bytes') },
    ])
    const other = aSurvey({ entries: [base], sums: [{ name: digest, digest: 'cd'.repeat(32) }] })
    expect(judgeDisks('kvm1', other, seen)).toMatchObject([{ code: 'NVD018', digest }])
  })

  it('leaves a damaged base alone that guests need and nobody has', () => {
    const survey = aSurvey({ entries: [{ ...base, bytes: 60 }], disks: [aDisk()] })
    expect(judgeDisks('kvm1', survey, { ...seen, storedDigests: new Set() })).toMatchObject([{ code: 'NVD018', repair: null }])
  })

  it('says nothing about a server that something works on', () => {
    const busy = { ...seen, servers: [aServer({ id, taskState: 'rebuilding' })] }
    expect(judgeDisks('kvm1', aSurvey({ disks: [aDisk({ damage: 'half made' })] }), busy)).toEqual([])
  })
})

describe('judgeFiles', () => {
  it('takes a lock for living while what it guards grows', () => {
    const entries = [
      anEntry(`_base/${digest}.lock`, { kind: 'directory' }),
      anEntry(`_base/.${digest}.part.7.tmp`, { modifiedAt: now }),
    ]
    expect(judgeFiles('kvm1', aSurvey({ entries }), seen)).toEqual([])
  })

  it('gives reservations of nobody back, and keeps those of guests and servers', () => {
    const link = (name: string, target: string) => anEntry(name, { kind: 'link', target })
    const gone = id.replaceAll('1', '2')
    const there = id.replaceAll('1', '3')
    const entries = [
      link('.ports/22001', id),
      link('.ports/22002', gone),
      link('.cpus/3', there),
      anEntry(there, { kind: 'directory' }),
    ]
    expect(judgeFiles('kvm1', aSurvey({ entries }), seen)).toMatchObject([
      { code: 'NVD024', orders: [{ what: 'release', path: '.ports/22002', owner: gone }] },
    ])
  })
})

describe('judgeClock', () => {
  const asked = { sent: now, received: now + 500 }
  it.each([
    [now + 300, []],
    [now + 2400, []],
    [now + 3000, [{ code: 'NVD020', severity: 'warning', message: 'its clock is 2.5 s before ours' }]],
    [now - 61_000, [{ code: 'NVD020', severity: 'error', message: 'its clock is 61.0 s behind ours' }]],
  ])('at %i', (at, found) => {
    expect(judgeClock('kvm1', aSurvey({ at }), asked)).toMatchObject(found)
  })
})
