import { describe, expect, it } from '@jest/globals'
import { ageText, attentionOf, type PartitionStatus, type Status } from './status.ts'
import { statusText } from './status-text.ts'

const partition = (parts: Partial<PartitionStatus> = {}): PartitionStatus => ({
  partition: 0,
  logTime: '2026-11-29T16:00:00.000Z',
  ageSeconds: 3,
  lagRecords: 0,
  heldBy: null,
  ...parts,
})
const well: Status = {
  of: 'http://127.0.0.1:8080',
  isLive: true,
  unready: null,
  cycles: [{ cycle: 'shopper', partitions: [partition()], events: { applied: 5, duplicate: 2, 'late-grace': 1, unmatched: 0 }, isRun: true, building: null }],
  writers: [{ writer: 'w1', name: 'ingest-1', silentSeconds: 1 }],
  quarantine: { open: 2, records: 3, bytes: 100, bytesMax: 1000 },
}
const withPartition = (parts: Partial<PartitionStatus>): Status => ({
  ...well,
  cycles: [{ cycle: 'shopper', partitions: [partition(parts)], events: null, isRun: true, building: null }],
})

describe('the status of a Rondo', () => {
  it('that is well needs no attention, whatever was refused or late', () => {
    expect(attentionOf(well)).toEqual([])
    expect(statusText(well)).toBe(`http://127.0.0.1:8080: all is well
cycle shopper:
  partition 0: log time 2026-11-29T16:00:00.000Z, 3 s old, 0 records behind
  events: 5 applied, 2 copies, 1 late
quarantine: 2 open, 3 kept, 100 bytes
writer ingest-1: last heard 1 s ago
`)
  })

  it('needs attention if log time is old, and says which writer holds it, or how much is to be folded', () => {
    expect(attentionOf(withPartition({ ageSeconds: 61, heldBy: 'ingest-2' }))).toEqual([
      'Log time of shopper, partition 0, is 61 s old; it waits for ingest-2.',
    ])
    expect(attentionOf(withPartition({ ageSeconds: 61, lagRecords: 7 }))).toEqual(['Log time of shopper, partition 0, is 61 s old, with 7 records to fold.'])
    expect(attentionOf(withPartition({ ageSeconds: 60 }))).toEqual([])
  })

  it('needs no attention for an old log time if no process runs, or if there is none yet', () => {
    expect(attentionOf({ ...withPartition({ ageSeconds: 90_000 }), isLive: false })).toEqual([])
    expect(statusText({ ...well, of: 'The data folder d', isLive: false })).toContain('The data folder d: no process runs on this folder\ncycle')
    expect(attentionOf(withPartition({ logTime: null, ageSeconds: null }))).toEqual([])
  })

  it('needs no attention while a new cycle is being built, and says how far it is', () => {
    const weekly = { cycle: 'weekly', partitions: [partition({ ageSeconds: 42_336_143, lagRecords: null })], events: null, isRun: true }
    const built = (building: { folded: number; records: number } | null): Status => ({ ...well, cycles: [{ ...weekly, building }] })
    expect(attentionOf(built({ folded: 66, records: 283 }))).toEqual([])
    expect(statusText(built({ folded: 66, records: 283 }))).toContain('cycle weekly: is being built, 66 of 283 records\n')
    expect(attentionOf(built(null))).toEqual(['Log time of weekly, partition 0, is 490 days old.'])
  })

  it('needs no attention for a cycle that the process does not run, and says so', () => {
    const removed = { ...withPartition({ ageSeconds: 90_000, lagRecords: 3 }) }
    const status: Status = { ...removed, cycles: removed.cycles.map((cycle) => ({ ...cycle, isRun: false })) }
    expect(attentionOf(status)).toEqual([])
    expect(statusText(status)).toContain('cycle shopper: is not run: the process has no definition of it\n')
  })

  it('has ages in units for people', () => {
    expect([0, 119, 120, 7199, 7200, 172_799, 172_800, 63_115_200].map(ageText)).toEqual([
      '0 s',
      '119 s',
      '2 min',
      '119 min',
      '2 h',
      '47 h',
      '2 days',
      '2 years',
    ])
  })

  it('needs attention for what its probe says, a silent writer and a quarantine that is nearly full', () => {
    const writers = [{ writer: 'w1', name: 'ingest-1', silentSeconds: 16 }]
    const unwell: Status = { ...well, unready: 'Redis does not answer.', writers, quarantine: { ...well.quarantine, bytes: 801 } }
    expect(attentionOf(unwell)).toEqual([
      'Redis does not answer.',
      'ingest-1 has been silent for 16 s: log time waits until it is heard again, or is closed.',
      'Quarantine is nearly full: its oldest events will be removed.',
    ])
    expect(statusText(unwell).split('\n').slice(0, 2)).toEqual(['http://127.0.0.1:8080: needs attention', '  ! Redis does not answer.'])
  })
})
