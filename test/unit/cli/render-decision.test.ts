import { describe, expect, it } from 'vitest'
import { decisionsIn, renderDecision } from '../../../src/cli/render-decision.ts'
import { reportError } from '../../../src/cli/report-error.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { Decision, Verdict } from '../../../src/scheduler/types.ts'
import { aScreen } from '../../support/a-screen.ts'

const verdict = (host: string, refusals: Verdict['refusals'], total: number | null = null): Verdict => ({
  host,
  refusals,
  complete: true,
  weights: total === null ? [] : [{ weigher: 'ram', raw: 2048, normalised: 1, weighted: total }],
  total,
})
const refused: Decision = {
  serverId: 's',
  serverName: 'web-1',
  chosen: null,
  needs: { ram: 512, vcpus: 1, disk: 10, zone: 'az1' },
  verdicts: [
    verdict('host-a', [{ filter: 'RamFilter', reason: 'needs 512 MB, 128 MB free of 4096 × 1.5' }]),
    verdict('b', [
      { filter: 'ComputeFilter', reason: 'down for 4 min 12 s' },
      { filter: 'CoreFilter', reason: 'needs 1 vCPU, 0 free of 2 × 16' },
    ]),
  ],
  nearest: { host: 'host-a', change: '--flavor with ram ≤ 128 MB' },
}

describe('a refused boot', () => {
  it('is reported host by host, with numbers, the nearest host and the code', async () => {
    const screen = aScreen()
    const fault = new Fault('no-valid-host', 'no host can take web-1 (512 MB, 1 vCPU, 10 GB; zone az1)', {
      hint: 'nova explain web-1',
      details: { decision: refused },
    })
    expect(await reportError(fault, screen, { json: false, debug: false, requestId: 'req-1' })).toBe(6)
    expect(screen.printed.err).toBe(
      [
        'error: no host can take web-1 (512 MB, 1 vCPU, 10 GB; zone az1)',
        '  host-a   RamFilter       needs 512 MB, 128 MB free of 4096 × 1.5',
        '  b        ComputeFilter   down for 4 min 12 s',
        '           CoreFilter      needs 1 vCPU, 0 free of 2 × 16',
        '  nearest: host-a; to fit there: --flavor with ram ≤ 128 MB',
        'try:  nova explain web-1',
        'exit code 6 (no-valid-host) · request req-1',
        '',
      ].join('\n'),
    )
  })
})

describe('an explained boot', () => {
  it('shows the weights of those that passed and the choice', () => {
    const placed = { ...refused, chosen: 'c', verdicts: [...refused.verdicts, verdict('c', [], 1.25)], nearest: null }
    const text = renderDecision(placed)
    expect(text).toContain('web-1 (512 MB, 1 vCPU, 10 GB; zone az1): placed on c')
    expect(text).toContain('  c   chosen   weight 1.25 = ram 1.25 (raw 2048)')
  })
})

describe('decisionsIn', () => {
  it('finds decisions however they are packed', () => {
    for (const packed of [refused, [refused], { decision: refused }, { decisions: [refused] }])
      expect(decisionsIn(packed)).toEqual([refused])
    for (const other of [undefined, null, 'x', {}, [1]]) expect(decisionsIn(other)).toEqual([])
  })
})
