/** Chooses a host for a server: filters, then weighers, then a draw among the best. Pure: the same input chooses the same host. */
import { filterNamed } from './catalogue.ts'
import { consume } from './consume.ts'
import { nearestHost } from './nearest-host.ts'
import { pickBest } from './pick-best.ts'
import { summarise } from './summarise.ts'
import type { Candidate, Check, Decision, Fleet, PlacementRequest, Refusal, Verdict } from './types.ts'
import { weighCandidates } from './weigh-candidates.ts'

export { consume, summarise }

export interface SelectOptions {
  /** True: every filter looks at every host. False: the first refusal ends a host, and few refusals are kept. */
  readonly explain: boolean
  /** Numbers in 0..1, for ties and for `hostSubsetSize`. */
  readonly random: () => number
}

interface Step {
  readonly filter: string
  readonly check: Check
}

type NamedRefusal = Verdict['refusals'][number]

/** How many refused hosts the hot path keeps a verdict of. */
const keptRefusals = 10

/**
 * The decision for one request. When no host passes, it is made again with `explain`, so that a refusal is always complete.
 * Throws an `invalid` fault for an unknown filter or weigher and for hints or extra specs that make no sense.
 */
export function selectHost(request: PlacementRequest, fleet: Fleet, options: SelectOptions): Decision {
  const steps = stepsOf(request, fleet)
  return options.explain ? explained(steps, request, fleet, options) : decided(steps, request, fleet, options)
}

export interface Selection {
  /** One for each request, in their order. */
  readonly decisions: readonly Decision[]
  /** The fleet with every chosen host's claim. */
  readonly fleet: Fleet
}

/** Decides many requests one after another; each sees the claims of those before it. */
export function selectHosts(requests: readonly PlacementRequest[], fleet: Fleet, options: SelectOptions): Selection {
  let current = fleet
  const decisions = requests.map((request) => {
    const decision = selectHost(request, current, options)
    if (decision.chosen !== null) current = consume(current, request, decision.chosen)
    return decision
  })
  return { decisions, fleet: current }
}

function stepsOf(request: PlacementRequest, fleet: Fleet): Step[] {
  const steps = forcedHostStep(request, fleet)
  for (const name of fleet.settings.filters) {
    const filter = filterNamed(name)
    const passes: Check = (candidate) => filter.passes(candidate, request, fleet)
    const check = filter.prepare ? filter.prepare(request, fleet) : passes
    if (check) steps.push({ filter: name, check })
  }
  return steps
}

/** `az:host` restricts the candidates; unlike Nova's, it does not skip the filters. */
function forcedHostStep({ forcedHost }: PlacementRequest, { candidates }: Fleet): Step[] {
  if (forcedHost === null) return []
  const exists = candidates.some(({ name }) => name === forcedHost)
  const reason = `host ${forcedHost} was asked for${exists ? '' : ', and there is no such host'}`
  const refusal: Refusal = { reason, change: `do not ask for host ${forcedHost}` }
  return [{ filter: 'ForcedHost', check: ({ name }) => name === forcedHost || refusal }]
}

function decided(steps: readonly Step[], request: PlacementRequest, fleet: Fleet, options: SelectOptions): Decision {
  const passed: Candidate[] = []
  const verdicts: Verdict[] = []
  for (const candidate of fleet.candidates) {
    const refusing = steps.find(({ check }) => check(candidate) !== true)
    if (!refusing) passed.push(candidate)
    else if (verdicts.length < keptRefusals) verdicts.push(refused(candidate.name, allRefusals([refusing], candidate), false))
  }
  if (passed.length === 0) return explained(steps, request, fleet, options)
  const weighing = weighCandidates(passed, request, fleet)
  const best = pickBest(weighing.totals, fleet.settings.hostSubsetSize, options.random)
  const chosen = passed[best]?.name ?? null
  if (chosen !== null) verdicts.unshift(accepted(chosen, weighing.weightsOf(best), weighing.totals[best]))
  return decisionOf(request, chosen, verdicts)
}

function explained(steps: readonly Step[], request: PlacementRequest, fleet: Fleet, options: SelectOptions): Decision {
  const refusals = fleet.candidates.map((candidate) => allRefusals(steps, candidate))
  const passed = fleet.candidates.filter((_, index) => refusals[index]?.length === 0)
  const weighing = weighCandidates(passed, request, fleet)
  const best = pickBest(weighing.totals, fleet.settings.hostSubsetSize, options.random)
  const chosen = passed[best]?.name ?? null
  let place = 0
  const verdicts = fleet.candidates.map(({ name }, index) => {
    const found = refusals[index] ?? []
    if (found.length > 0) return refused(name, found, true)
    const weighed = accepted(name, weighing.weightsOf(place), weighing.totals[place])
    place++
    return weighed
  })
  return decisionOf(request, chosen, verdicts)
}

function allRefusals(steps: readonly Step[], candidate: Candidate): NamedRefusal[] {
  const refusals: NamedRefusal[] = []
  for (const { filter, check } of steps) {
    const answer = check(candidate)
    if (answer !== true) refusals.push({ filter, ...answer })
  }
  return refusals
}

const refused = (host: string, refusals: readonly NamedRefusal[], complete: boolean): Verdict => ({
  host,
  refusals,
  complete,
  weights: [],
  total: null,
})

const accepted = (host: string, weights: Verdict['weights'], total: number | undefined): Verdict => ({
  host,
  refusals: [],
  complete: true,
  weights,
  total: total ?? 0,
})

const decisionOf = (request: PlacementRequest, chosen: string | null, verdicts: readonly Verdict[]): Decision => ({
  serverId: request.serverId,
  serverName: request.serverName,
  chosen,
  needs: {
    ram: request.flavor.ram,
    vcpus: request.flavor.vcpus,
    disk: request.diskGb,
    zone: request.availabilityZone,
  },
  verdicts,
  nearest: chosen === null ? nearestHost(verdicts) : null,
})
