/** A row of the matrix as a test: the first runs of it, the same ones every time; the runner goes further. */
import { expect } from 'vitest'
import { loadRow } from './runner/rows.ts'
import { type Failure, runRow } from './runner/run-row.ts'

/** Fails with what was found, and with what repeats it. By default as many runs as the row says for `npm test`, of all cases. */
export async function holds(
  id: string,
  { runs, only, seed }: { readonly runs?: number; readonly only?: string; readonly seed?: number } = {},
): Promise<void> {
  const row = await loadRow(id)
  const count = runs ?? row.runs.t1
  const failures: (Failure & { readonly again: string })[] = []
  const onFailure = (failure: Failure) =>
    void failures.push({
      ...failure,
      again: `npm run torture -- --row ${id} --seed ${failure.seed} --case '${failure.case}' --runs 1`,
    })
  const verdict = await runRow(row, { runs: count, seed: seed ?? 1, only, onFailure })
  expect(failures).toEqual([])
  expect(verdict).toMatchObject({ failures: 0, void: null })
}
