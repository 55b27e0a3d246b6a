import { type ActivityEvent, type DefectSample, type EventName, formatInstant, type Instant, instantOf, type PlanDefect } from '#contracts'
import type { CompiledCycle } from '#cycle'

/** The limit of names in a partition, beside those of signals. Names come from clients, so memory must be bounded. */
const NAMES_MAX = 1_000
/** The limit of places with defects that are kept for a name. */
const SAMPLES_MAX = 10

/** What is counted of one name. */
interface Counted {
  readonly name: string | null
  events: number
  firstAt: Instant
  lastAt: Instant
  /** Bits of the signals that matched. */
  signals: number
  defects: number
  /** The version of the plan that the samples are about. */
  version: number
  samples: Map<string, DefectSample>
  isChanged: boolean
}

/** An event that is counted under its name, and the bits of the signals that match it. */
interface NamedEvent {
  readonly record: ActivityEvent
  readonly arrival: Instant
  readonly signals: number
}

/** The names of the events of one partition: how many there are, when the first and the last came, and which do not fit the tracking plan. */
export class EventNames {
  /** The ids of the signals, by their bits. */
  readonly #signals: readonly string[]
  /** The names of signals, which are always counted by themselves. */
  readonly #reserved: ReadonlySet<string>
  readonly #names = new Map<string, Counted>()
  readonly #others: Counted = blank(null)
  #unreserved = 0
  #changed: Counted[] = []
  readonly #since: string | null

  /**
   * @param stored the stored records of the partition
   * @param restartAt from when names are counted from zero; undefined if the stored records count all events up to the position
   */
  constructor(signals: CompiledCycle['signals'], stored: readonly EventName[], restartAt?: Instant | 'beginning') {
    this.#signals = signals.map(({ id }) => id)
    this.#reserved = new Set(signals.flatMap(({ events }) => events).filter((name) => !name.includes('*')))
    this.#since = restartAt === undefined ? (stored[0]?.since ?? null) : restartAt === 'beginning' ? null : formatInstant(restartAt)
    for (const record of stored) this.#load(restartAt === undefined ? record : emptied(record))
    // The record of the other names also says that names are counted, and from when.
    if (restartAt !== undefined) for (const counted of [this.#others, ...this.#names.values()]) this.#change(counted)
  }

  /** Counts an event. */
  saw({ record, arrival, signals }: NamedEvent): void {
    const counted = this.#of(record.event)
    counted.events += 1
    counted.firstAt = Math.min(counted.firstAt, arrival)
    counted.lastAt = Math.max(counted.lastAt, arrival)
    counted.signals |= signals
    if (record.planDefect !== undefined) sawDefect(counted, record, record.planDefect)
    this.#change(counted)
  }

  /** The records that have changed since the last call. */
  takeChanged(): EventName[] {
    const changed = this.#changed
    this.#changed = []
    return changed.map((counted) => {
      counted.isChanged = false
      return this.#recordOf(counted)
    })
  }

  #of(name: string): Counted {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const isReserved = this.#reserved.has(name)
    if (!isReserved && this.#unreserved >= NAMES_MAX) return this.#others
    return this.#add(blank(name), isReserved)
  }

  #add(counted: Counted & { readonly name: string | null }, isReserved: boolean): Counted {
    this.#names.set(counted.name as string, counted)
    if (!isReserved) this.#unreserved += 1
    return counted
  }

  #change(counted: Counted): void {
    if (counted.isChanged) return
    counted.isChanged = true
    this.#changed.push(counted)
  }

  #recordOf({ name, events, firstAt, lastAt, signals, defects, version, samples }: Counted): EventName {
    return {
      name,
      since: this.#since,
      events,
      firstAt: timeOf(firstAt),
      lastAt: timeOf(lastAt),
      signals: this.#signals.filter((_, bit) => (signals & (1 << bit)) !== 0),
      defects,
      samples: [...samples.values()],
      version,
    }
  }

  #load({ name, events, firstAt, lastAt, signals, defects, version, samples }: EventName): void {
    const counted = name === null ? this.#others : this.#add(blank(name), this.#reserved.has(name))
    Object.assign(counted, {
      events,
      firstAt: firstAt === null ? Number.POSITIVE_INFINITY : instantOf(firstAt),
      lastAt: lastAt === null ? Number.NEGATIVE_INFINITY : instantOf(lastAt),
      signals: this.#signals.reduce((bits, id, bit) => (signals.includes(id) ? bits | (1 << bit) : bits), 0),
      defects,
      version,
      samples: new Map(samples.map((sample) => [placeOf(sample.path), sample])),
    })
  }
}

function blank(name: string | null): Counted {
  return {
    name,
    events: 0,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
    signals: 0,
    defects: 0,
    version: 0,
    samples: new Map(),
    isChanged: false,
  }
}

/** A name that was counted, and now has no events: its stored record is replaced by one that has none. */
const emptied = (record: EventName): EventName => ({ ...record, events: 0, firstAt: null, lastAt: null, signals: [], defects: 0, samples: [], version: 0 })

const timeOf = (at: Instant): string | null => (Number.isFinite(at) ? formatInstant(at) : null)
const placeOf = (path: string | null | undefined): string => path ?? ''

/** Counts a defect. Samples are kept for the newest version of the plan: those of older ones may be corrected. */
function sawDefect(counted: Counted, { id, actor, receivedAt }: ActivityEvent, { version, path, reason }: PlanDefect): void {
  counted.defects += 1
  if (version > counted.version) {
    counted.version = version
    counted.samples = new Map()
  }
  const place = placeOf(path)
  const known = counted.samples.get(place)
  if (version < counted.version || (known === undefined && counted.samples.size >= SAMPLES_MAX)) return
  counted.samples.set(place, { path: path ?? null, events: (known?.events ?? 0) + 1, reason, id, actor: actor.id, receivedAt })
}
