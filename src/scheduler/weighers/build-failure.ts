import type { Weigher } from '../types.ts'

/** build-failure: minus the builds that failed on the host since the last that succeeded. */
export const buildFailure: Weigher = { name: 'build-failure', weigh: ({ record }) => 0 - record.failedBuilds }
