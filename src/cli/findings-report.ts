/** The doctor's findings as test cases: a case for each check and object, and one that passed for each check that found nothing. */
import { type Finding, findingCodes } from '../model/finding.ts'
import type { JunitCase } from './junit.ts'

/** What was repaired has passed. */
export function findingCases(findings: readonly Finding[]): JunitCase[] {
  return Object.entries(findingCodes).flatMap(([code, meaning]): JunitCase[] => {
    const className = `nova.doctor.${code}`
    const own = findings.filter((finding) => finding.code === code)
    if (own.length === 0) return [{ className, name: meaning }]
    return [...new Set(own.map(({ object }) => object))].map((object) => {
      const left = own.filter((finding) => finding.object === object && !finding.fixed)
      const message = left.map(({ message, repair }) => (repair === null ? message : `${message} (repair: ${repair})`)).join('\n')
      const severity = left.some((finding) => finding.severity === 'error') ? 'error' : 'warning'
      return { className, name: object, failure: left.length === 0 ? undefined : { type: severity, message } }
    })
  })
}
