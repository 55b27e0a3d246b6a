import fc from 'fast-check'

// A run under CI can be repeated: the same commit makes the same cases. Anywhere else, and in the long run, each run makes
// others, and a failure names its seed.
const { CI, RONDO_TEST_LONG, RONDO_TEST_SEED } = process.env
const seed = RONDO_TEST_SEED ?? (CI === 'true' && RONDO_TEST_LONG !== '1' ? '20260101' : undefined)
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) })
