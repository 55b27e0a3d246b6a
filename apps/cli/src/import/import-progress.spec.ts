import { expect, it } from '@jest/globals'
import { SimulatedClock } from '#runtime'
import { ImportProgress } from './import-progress.ts'

it('shows rows, megabytes, the rate since it began or continued, and the time that is left, every few seconds where there is no terminal', async () => {
  const clock = new SimulatedClock(0)
  const written: string[] = []
  const progress = new ImportProgress({ write: (text: string) => written.push(text) > 0 } as ConstructorParameters<typeof ImportProgress>[0], clock)
  progress.begin(100_000)
  for (const done of [150_000, 200_000, 300_000, 1_000_000]) {
    clock.advanceBy(5000)
    await progress.importing(done, 1_000_000, 10_000_000)
  }
  expect(written).toEqual([
    '15 %  150,000 of 1,000,000 rows  10.0 MB  10,000 rows/s  85 s left\n',
    '20 %  200,000 of 1,000,000 rows  20.0 MB  10,000 rows/s  80 s left\n',
    '30 %  300,000 of 1,000,000 rows  30.0 MB  13,333 rows/s  53 s left\n',
    '100 %  1,000,000 of 1,000,000 rows  40.0 MB  45,000 rows/s  0 s left\n',
  ])
})
