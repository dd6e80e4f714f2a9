import { describe, expect, it } from 'vitest'
import { findingCases } from '../../../src/cli/findings-report.ts'
import { junit } from '../../../src/cli/junit.ts'
import type { Finding } from '../../../src/model/finding.ts'

const finding = (fields: Partial<Finding>): Finding => ({
  code: 'NVD003',
  severity: 'error',
  object: 'server web-1',
  message: 'host kvm1 does not hold its guest',
  repair: null,
  fixed: false,
  ...fields,
})

describe('junit', () => {
  it('escapes every text, and replaces what XML cannot hold', () => {
    const text = junit('s', [
      { className: 'c', name: `<a> & "b"\u0000\ud800`, failure: { type: 'error', message: 'two\nlines\u001b[1m' } },
    ])
    expect(text).toContain('name="&lt;a&gt; &amp; &quot;b&quot;\ufffd\ufffd"')
    expect(text).toContain('message="two&#10;lines\ufffd[1m"')
    expect(text).toContain('tests="1" failures="1"')
  })

  it('has a case for each check and object, and one for each check that found nothing', () => {
    const cases = findingCases([
      finding({}),
      finding({ message: 'again', repair: 'look' }),
      finding({ object: 'server web-2', fixed: true }),
    ])
    expect(cases.filter(({ className }) => className === 'nova.doctor.NVD003')).toEqual([
      {
        className: 'nova.doctor.NVD003',
        name: 'server web-1',
        failure: { type: 'error', message: 'host kvm1 does not hold its guest\nagain (repair: look)' },
      },
      { className: 'nova.doctor.NVD003', name: 'server web-2', failure: undefined },
    ])
    expect(cases.filter(({ className }) => className === 'nova.doctor.NVD001')).toMatchObject([
      { name: 'a host runs or holds a guest that no record knows' },
    ])
  })
})
