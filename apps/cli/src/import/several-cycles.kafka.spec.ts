import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import { compileCycle } from '#cycle'
import { partitionOf } from '#event-log'
import { temporaryFolder } from '#runtime'
import { shippedDefinition } from '../../../../test/bench/cycle.ts'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { folded, logOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { musicCycles, musicFiles, musicRows } from '../../../../test/fixtures/music-plays.ts'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const broker = brokerForTests()
const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

const cycles = musicCycles.map((name) => compileCycle(shippedDefinition(name)))
const input = join(home.path, 'plays.ndjson')
writeFileSync(input, `${musicRows.join('\n')}\n`)

/** Imports the rows for these cycles, and folds them for each. @returns the outputs of each cycle, in the order of their ids */
async function outputsOf(names: readonly string[], partitions: number): Promise<string[][]> {
  const settings = trialSettings(broker(), { partitions, identity: {} })
  const place = ['--brokers', broker().address, '--prefix', settings.prefix ?? '', '--partitions', String(partitions), '--replication', '1']
  expect(await rondo('import', '--input', input, ...place, '--definition', ...musicFiles(names))).toMatchObject({ code: 0 })
  const logs = await Promise.all(Array.from({ length: partitions }, (_, partition) => logOf(settings, partition)))
  return cycles
    .filter(({ cycle }) => names.includes(cycle))
    .map((cycle) => logs.flatMap((log, partition) => folded(log, cycle, { owns: (id) => partitionOf(id, partitions) === partition })).sort())
}

it('an import for two cycles gives each of them what an import for it alone does, also where events count for actors of other partitions', async () => {
  const [listeners] = await outputsOf(['listener'], 1)
  const [musicians] = await outputsOf(['musician'], 1)
  expect(listeners?.length).toBeGreaterThan(31)
  expect(musicians?.length).toBeGreaterThan(7)
  expect(await outputsOf(musicCycles, 3)).toEqual([listeners, musicians])
})
