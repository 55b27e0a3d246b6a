import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant, type QuarantineRecord } from '#contracts'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { type DataFolder, openDataFolder } from './data-folder.ts'

const START = Date.parse('2026-03-01T00:00:00Z')
const HOUR = 3_600_000
const refused = (number: number, at = START, length = 1000): QuarantineRecord => ({
  code: 'RONDO_EVENT_INVALID',
  reason: `number ${number}`,
  where: 'POST /v1/track, index 0',
  refusedAt: formatInstant(at),
  raw: 'é'.repeat(length / 2),
})
const BYTES_OF_ONE = Buffer.byteLength(JSON.stringify(refused(1)))

let home: TemporaryFolder
let folder: DataFolder
const open = (): void => {
  folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
}
beforeEach(() => {
  home = temporaryFolder()
  open()
})
afterEach(async () => {
  await folder.close()
  home[Symbol.dispose]()
})
const reopen = async (): Promise<void> => {
  await folder.close()
  open()
}
const add = (...records: QuarantineRecord[]): Promise<number> => folder.writer.append(0, [], { quarantine: records })
const kept = (): (number | string)[][] =>
  folder.writer.quarantine(0, 100).map(({ cursor, record }) => [cursor, (JSON.parse(record) as QuarantineRecord).reason])

describe('refused events in log.db', () => {
  it('are kept without a limit until one is set, and are counted in bytes, also after a restart', async () => {
    await add(refused(1), refused(2))
    await reopen()
    expect(folder.writer.quarantineUsage).toMatchObject({ records: 2, bytes: 2 * BYTES_OF_ONE, dropped: { records: 0, lastAt: null } })
  })

  it('are removed from the oldest on when they are too many bytes; no cursor is used twice', async () => {
    folder.writer.limitQuarantine({ bytesMax: 2 * BYTES_OF_ONE, ageMsMax: HOUR })
    for (const number of [1, 2, 3]) await add(refused(number))
    expect(kept()).toEqual([
      [2, 'number 2'],
      [3, 'number 3'],
    ])
    await add(refused(4, START, 100_000))
    expect(kept()).toEqual([])
    expect(folder.writer.quarantineUsage).toMatchObject({ records: 0, bytes: 0, dropped: { records: 4, lastAt: formatInstant(START) } })
    await reopen()
    await add(refused(5))
    expect(kept()).toEqual([[5, 'number 5']])
    expect(folder.writer.quarantineUsage.dropped.records).toBe(4)
  })

  it('are removed when they are too old, by the time of a newer one or of a call', async () => {
    folder.writer.limitQuarantine({ bytesMax: 1e9, ageMsMax: HOUR })
    await add(refused(1), refused(2, START + HOUR / 2))
    await add(refused(3, START + HOUR + 1))
    expect(kept().map(([cursor]) => cursor)).toEqual([2, 3])
    await folder.writer.append(0, [], { trimQuarantineAt: START + 3 * HOUR })
    expect(kept()).toEqual([])
    expect(folder.writer.quarantineUsage.dropped).toEqual({ records: 3, lastAt: formatInstant(START + 3 * HOUR) })
  })

  it('are removed by the thousand', async () => {
    await add(...Array.from({ length: 2500 }, (_, number) => refused(number)))
    folder.writer.limitQuarantine({ bytesMax: 10 * BYTES_OF_ONE, ageMsMax: HOUR })
    await folder.writer.append(0, [], { trimQuarantineAt: START })
    expect(kept().length).toBeLessThanOrEqual(10)
    expect(folder.writer.quarantineUsage.dropped.records).toBeGreaterThanOrEqual(2490)
  })
})
