/** Types of build.mjs for the tests that need a build. */
export function ensureBuilt(options?: {
  force?: boolean
}): Promise<{ fresh: boolean; bytes: number | undefined; ms: number; hasCache: boolean }>
