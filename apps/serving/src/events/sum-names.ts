import type { DefectSample, EventName } from '#contracts'

/** The limit of samples that are shown for a name. */
const SAMPLES_MAX = 10

/** The records of one name in all partitions as one. */
export function sumNames(partitions: readonly (readonly EventName[])[]): Map<string | null, EventName> {
  const sums = new Map<string | null, EventName>()
  for (const record of partitions.flat()) {
    const before = sums.get(record.name)
    sums.set(record.name, before === undefined ? record : sum(before, record))
  }
  return sums
}

function sum(a: EventName, b: EventName): EventName {
  // Samples are about one version of the plan; of two partitions the newer one counts.
  const samples = a.version === b.version ? joinSamples(a.samples, b.samples) : (a.version > b.version ? a : b).samples
  return {
    name: a.name,
    since: latest(a.since, b.since),
    events: a.events + b.events,
    firstAt: earliest(a.firstAt, b.firstAt),
    lastAt: latest(a.lastAt, b.lastAt),
    signals: [...new Set([...a.signals, ...b.signals])],
    defects: a.defects + b.defects,
    version: Math.max(a.version, b.version),
    samples,
  }
}

function joinSamples(a: readonly DefectSample[], b: readonly DefectSample[]): DefectSample[] {
  const joined = new Map(a.map((sample) => [sample.path, sample]))
  for (const sample of b) {
    const before = joined.get(sample.path)
    const newest = before !== undefined && before.receivedAt > sample.receivedAt ? before : sample
    joined.set(sample.path, { ...newest, events: sample.events + (before?.events ?? 0) })
  }
  return [...joined.values()].sort((one, other) => other.events - one.events).slice(0, SAMPLES_MAX)
}

/** A time as stored; null if there is none. */
type Time = string | null
/** Times are in one form, so that they can be compared as texts. */
const earliest = (a: Time, b: Time): Time => (a === null || (b !== null && b < a) ? b : a)
const latest = (a: Time, b: Time): Time => (a === null || (b !== null && b > a) ? b : a)
