import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant } from '#contracts'
import { type CompiledCycle, compileCycle } from '#cycle'
import type { DataFolder, OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { attentionOf } from './status.ts'
import { folderStatus } from './stored-status.ts'

const NOW = Date.UTC(2026, 0, 1)

it('the status of a folder names a state file that cannot be read, and shows the other cycles', async () => {
  using home = temporaryFolder()
  await openCycleFolder(home.path, compileCycle(presence)).close()
  const path = join(home.path, 'state-old.db')
  writeFileSync(path, 'a text '.repeat(100))
  const status = await folderStatus(home.path, NOW)
  expect(status.cycles.map(({ cycle }) => cycle)).toEqual([presence.cycle])
  expect(status.unready).toMatch(/state-old\.db is not .* \(RONDO_DATA_FOREIGN\)$/)
})

describe('the status of a folder', () => {
  const other = compileCycle({ ...presence, cycle: 'other' })
  let home: TemporaryFolder
  let opened: DataFolder | undefined
  const open = (...cycles: [CompiledCycle, ...CompiledCycle[]]): DataFolder => {
    opened = openCycleFolder(home.path, ...cycles)
    return opened
  }
  /** A record that opens a writer, and ticks once. */
  const tick = (time: number): string => ['writer.open', 'tick'].map((record) => JSON.stringify({ record, writer: 'w', time: formatInstant(time) })).join('\n')
  /** Folds all of the log into one state. */
  const fold = async (folder: DataFolder, cycle: CompiledCycle, at: number): Promise<void> => {
    const reader = folder.states[at]?.reader()
    if (reader === undefined) throw new TypeError('the folder has no such state')
    const owned = await new Promise<OwnedPartition>((resolve, reject) => {
      reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
    })
    const end = new AbortController()
    const report = ({ kind }: { kind: string }): void => {
      if (kind === 'committed') end.abort()
    }
    await runPartition(owned, cycle, { signal: end.signal, waitMs: 0, report })
    await reader.close()
  }
  beforeEach(() => {
    home = temporaryFolder()
  })
  afterEach(async () => {
    await opened?.close()
    home[Symbol.dispose]()
  })

  it('needs attention if the process that holds it does not move log time, however long, and none after its end', async () => {
    const folder = open(compileCycle(presence))
    await folder.writer.append(0, [tick(NOW - 3_600_000)])
    await fold(folder, compileCycle(presence), 0)
    const running = await folderStatus(home.path, NOW)
    expect(running.isLive).toBe(true)
    expect(attentionOf(running)).toEqual([expect.stringMatching(/is 60 min old; it waits for events that clients may have buffered before the start/)])
    await folder.close()
    opened = undefined
    const ended = await folderStatus(home.path, NOW)
    expect([ended.isLive, attentionOf(ended)]).toEqual([false, []])
  })

  it('names the cycles that the process does not fold, behind the others, and does not hold their age against it', async () => {
    await open(compileCycle(presence), other).close()
    await open(other).close()
    open(other)
    const { cycles } = await folderStatus(home.path, NOW)
    expect(cycles.map(({ cycle, isRun }) => [cycle, isRun])).toEqual([
      ['other', true],
      [presence.cycle, false],
    ])
  })

  it('says that a cycle is being built until it is where the log was when its fold began', async () => {
    const first = open(compileCycle(presence))
    await first.writer.append(0, [tick(NOW - 3_600_000)])
    await first.close()
    const folder = open(compileCycle(presence), other)
    const buildings = async () => (await folderStatus(home.path, NOW)).cycles.map(({ building }) => building)
    expect(await buildings()).toEqual([null, { folded: 0, records: 1 }])
    await fold(folder, other, 1)
    expect(await buildings()).toEqual([null, null])
  })
})
