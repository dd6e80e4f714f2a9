import type { Check, Filter, Fleet, PlacementRequest } from './types.ts'

/** A filter from its preparation: `prepare` reads the request once and returns the check of one host, or null when all pass. */
export function defineFilter(name: string, prepare: (request: PlacementRequest, fleet: Fleet) => Check | null): Filter {
  return {
    name,
    prepare,
    passes: (candidate, request, fleet) => prepare(request, fleet)?.(candidate) ?? true,
  }
}
