/**
 * fast-check with one seed, so that what a run finds is what a change did; `PROPERTY_SEED=N` or `PROPERTY_SEED=random` tries others.
 */
import fc from 'fast-check'

const { PROPERTY_SEED: wanted } = process.env
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted ?? 1) })

export { fc }
