import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { RondoError } from '#contracts'
import { Backfill } from '#event-log'
import { fakeTimers, IngestFolder } from '../../../../test/fixtures/ingest/ingest-folder.ts'
import type { Admission } from '../admission/admission.ts'

let ingestFolder: IngestFolder
let admission: Admission
let alarms: string[]

beforeEach(async () => {
  fakeTimers()
  ingestFolder = new IngestFolder()
  alarms = []
  admission = ingestFolder.admission({ onAlarm: (text) => alarms.push(text) })
  await admission.start()
})
afterEach(async () => {
  jest.restoreAllMocks()
  jest.useRealTimers()
  await ingestFolder.dispose()
})

const full = new RondoError('RONDO_DATA_FULL', 'The disk is full.', { retriable: true })

/** Every write fails until the mock is restored. @returns the mock */
const fillDisk = () => jest.spyOn(ingestFolder.folder.writer, 'append').mockRejectedValue(full)

describe('on a full disk, admission', () => {
  it('refuses events, says so, and finds room at a beat although nobody sends', async () => {
    const disk = fillDisk()
    await expect(ingestFolder.accept(admission, 'refused')).rejects.toBe(full)
    expect(ingestFolder.log.failure).toBe(full)
    await ingestFolder.pass(1000)
    expect(disk).toHaveBeenCalledTimes(2)
    expect(new Set(alarms)).toEqual(
      new Set(['The log cannot be written, and clients get 503; it is tried again each second. The disk is full. (RONDO_DATA_FULL)']),
    )
    disk.mockRestore()
    await ingestFolder.pass(1000)
    expect(ingestFolder.log.failure).toBe(undefined)
    await ingestFolder.accept(admission, 'a')
    await ingestFolder.pass(1000)
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a', 'tick'])
    expect(ingestFolder.failures).toEqual([])
    await admission.close()
  })

  it('writes the tick that was lost at the next beat', async () => {
    await ingestFolder.accept(admission, 'a')
    const disk = fillDisk()
    await ingestFolder.pass(1000)
    disk.mockRestore()
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a'])
    await ingestFolder.pass(1000)
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a', 'tick'])
    await admission.close()
  })

  it('keeps held events and releases them later, before newer ones', async () => {
    const backfill = ingestFolder.backfill()
    const { id } = await backfill.begin({ source: 'rows', firstTime: ingestFolder.clock.now() })
    for (const name of ['a', 'b']) await ingestFolder.accept(admission, name)
    await backfill.end(id)
    const disk = fillDisk()
    for (let beat = 0; beat < 3; beat++) await ingestFolder.pass(1000)
    await expect(ingestFolder.accept(admission, 'refused')).rejects.toBe(full)
    disk.mockRestore()
    await ingestFolder.accept(admission, 'c')
    for (let beat = 0; beat < 3; beat++) await ingestFolder.pass(1000)
    expect((await ingestFolder.inLog()).filter((record) => record !== 'tick')).toEqual(['writer.open', 'backfill.begin', 'backfill.end', 'a', 'b', 'c'])
    expect(ingestFolder.failures).toEqual([])
    await admission.close()
  })

  it('ends in order, and the next process closes its writer', async () => {
    await ingestFolder.accept(admission, 'a')
    const disk = fillDisk()
    await admission.close()
    expect(alarms.at(-1)).toMatch(/^The end of this process is not in the log: .*\(RONDO_DATA_FULL\)$/)
    disk.mockRestore()
    await ingestFolder.reopen()
    const next = ingestFolder.admission()
    await next.start()
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a', 'writer.open', 'writer.close'])
    await next.close()
  })
})

it('an import that stands still is ended when there is room', async () => {
  const failures: unknown[] = []
  const ended: boolean[] = []
  const { log, clock } = ingestFolder
  const options = { log, clock, graceMs: 0, idleMsMax: 5000, onFailure: (failure: unknown) => failures.push(failure) }
  const backfill = new Backfill({ ...options, onEnded: ({ stalled }) => ended.push(stalled) })
  await backfill.begin({ source: 'rows', firstTime: clock.now() })
  const disk = fillDisk()
  for (let second = 0; second < 8; second++) await ingestFolder.pass(1000)
  expect(ended).toEqual([])
  disk.mockRestore()
  await ingestFolder.pass(1000)
  expect({ failures, ended }).toEqual({ failures: [], ended: [true] })
  await admission.close()
})
