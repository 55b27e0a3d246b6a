import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import { compileCycle, identityOf } from '#cycle'
import { type KafkaSettings, namesOfCycles, openKafkaLog } from '#event-log'
import { runPartition } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { shippedDefinition } from '../../../../test/bench/cycle.ts'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { logOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { musicCycles, musicFiles, musicRows } from '../../../../test/fixtures/music-plays.ts'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const PARTITIONS = 3
const broker = brokerForTests()
const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())
const cycles = musicCycles.map((name) => compileCycle(shippedDefinition(name)))

/** Folds all partitions to their ends, for both cycles. */
async function fold(settings: KafkaSettings): Promise<void> {
  const ends = await Promise.all(Array.from({ length: PARTITIONS }, async (_, partition) => (await logOf(settings, partition)).at(-1)?.offset))
  const reader = (await openKafkaLog(settings)).reader()
  const [all, end] = [Promise.withResolvers<void>(), new AbortController()]
  let open = PARTITIONS * cycles.length
  await reader.own({
    assigned: (owned) => {
      const report = (progress: { kind: string; offset?: number }): void => {
        if (progress.kind === 'committed' && progress.offset === ends[owned.partition] && --open === 0) all.resolve()
      }
      const cycle = cycles.find((one) => one.cycle === owned.cycle) ?? cycles[0]
      if (cycle !== undefined) runPartition(owned, cycle, { signal: end.signal, report }).catch(all.reject)
    },
    revoked: () => undefined,
  })
  await all.promise.finally(async () => {
    end.abort()
    await reader.close()
  })
}

it('rondo verify finds no difference for cycles that count events for actors of other partitions', async () => {
  const settings = trialSettings(broker(), { partitions: PARTITIONS, ...namesOfCycles(cycles.map((cycle) => identityOf(cycle, 1))) })
  const input = join(home.path, 'plays.ndjson')
  writeFileSync(input, `${musicRows.join('\n')}\n`)
  const place = ['--brokers', broker().address, '--prefix', settings.prefix ?? '', '--partitions', String(PARTITIONS)]
  expect(await rondo('import', '--input', input, ...place, '--replication', '1', '--definition', ...musicFiles())).toMatchObject({ code: 0 })
  await fold(settings)
  const scratch = join(home.path, 'scratch')
  const { code, output } = await rondo('verify', ...place, '--group', settings.group, '--scratch', scratch, '--definition', ...musicFiles())
  expect([code, output]).toEqual([0, expect.stringMatching(/^listener: no difference \(\d+ outputs,.*\nmusician: no difference \((?!0 )\d+ outputs,.*\n$/)])
})
