/** Hosts that share the directory of their guests all see the files of each: that is one copy, not several. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../src/actions/doctor/diagnose.ts'
import type { HostAnswer, Observation } from '../../../../src/actions/doctor/look.ts'
import { Fault } from '../../../../src/core/fault.ts'
import type { GuestState } from '../../../../src/drivers/driver.ts'
import { aServer } from '../../../support/a-server.ts'

const id = '11111111-1111-4111-8111-111111111111'
const running: GuestState = { id, powerState: 'running', detail: '' }
const filesOnly: GuestState = { id, powerState: 'shutdown', detail: '', hasFilesOnly: true }
const silent = new Fault('unsupported', 'not asked')
const answer = (guests: HostAnswer['guests']): HostAnswer => ({
  guests,
  survey: silent,
  inventory: silent,
  asked: { sent: 0, received: 0 },
})

function codes(answers: [string, HostAnswer][], sharing: string[] = []): string[] {
  const seen: Observation = {
    servers: [aServer({ id, name: 'web-1', host: 'kvm1', powerState: 'running' })],
    deletedIds: new Set(),
    hosts: [],
    openFlows: [],
    orphanFlowIds: new Set(),
    candidates: [],
    imagesWithoutFile: [],
    abandoned: new Map(),
    sharing: new Map([[id, new Set(sharing)]]),
    openMoves: [],
    expiredMoves: [],
    storedDigests: new Set(),
    imageSizes: new Map(),
    answers: new Map(answers),
  }
  return diagnose(seen).map(({ code }) => code)
}

describe('the doctor on shared storage', () => {
  it('takes the files of a guest for no second copy where they are the same files', () => {
    const answers: [string, HostAnswer][] = [
      ['kvm1', answer([running])],
      ['kvm2', answer([filesOnly])],
    ]
    expect(codes(answers, ['kvm2'])).toEqual([])
    expect(codes(answers)).toEqual(['NVD005'])
  })

  it('counts a domain as a copy whatever its files are', () => {
    const answers: [string, HostAnswer][] = [
      ['kvm1', answer([running])],
      ['kvm2', answer([{ ...running, powerState: 'shutdown' }])],
    ]
    expect(codes(answers, ['kvm2'])).toEqual(['NVD005'])
  })

  it('does not place a guest by its files while the host of its record is silent', () => {
    const gone = answer(new Fault('unreachable', 'no route'))
    expect(
      codes([
        ['kvm1', gone],
        ['kvm2', answer([filesOnly])],
      ]),
    ).toEqual(['NVD009'])
  })
})
