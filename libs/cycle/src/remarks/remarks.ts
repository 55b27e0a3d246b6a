import { suspiciousId } from '#contracts'
import type { Addressees } from '../compile/addressing.ts'
import type { CompiledCycle, CompiledSignal } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import { equalEvents, type NearEvent, nearEvents } from './near-event.ts'

/** Values that a measure of amounts does not count. */
export interface SkippedValues {
  /** Text that looks like a number; values are not converted. */
  readonly numerals: number
  /** Numbers beyond ±9·10⁹. */
  readonly beyond: number
  /** Missing values, and values that are not numbers. */
  readonly others: number
  /** The first text that looks like a number. */
  readonly example?: string | undefined
}

/** {@link SkippedValues} while they are being counted. */
type Counted = { -readonly [key in keyof SkippedValues]: SkippedValues[key] }

/** Values at a path that a signal's `where` compares with a number. */
export interface TextValues {
  readonly events: number
  /** The first one, shortened. */
  readonly example: string
}

/** Remarks as plain data, small enough to be stored with every commit batch. */
export interface RemarksRecord {
  /** Events that no signal matches, by name; only the first names are counted. */
  readonly unmatched: readonly (readonly [name: string, events: number])[]
  /** Events that no signal matches, with names that are not counted. */
  readonly otherNames: number
  /** Text that looks like a number, in events that no signal matches, by path. */
  readonly texts: Readonly<Record<string, TextValues>>
  /** By the id of the measure. */
  readonly skipped: Readonly<Record<string, SkippedValues>>
  /** Events by a suspicious actor id. */
  readonly suspicious: Readonly<Record<string, number>>
  /** Undefined if there is nothing to be said of them, as in a definition that addresses no actors. */
  readonly addressing?: AddressingRemarks | undefined
}

/** Events of a signal that do not come to the actors whom they should name (rule 22). */
export interface AddressingRemarks {
  /** Events that a signal matches. */
  readonly events: number
  /** Events that name nobody. */
  readonly missing: number
  /** Events with a value that cannot be an id. */
  readonly invalid: number
  /** The first such value, shortened. */
  readonly example?: string | undefined
  /** Events that name more actors than an event may: they count for none. */
  readonly surplus: number
  /** Events with an actor of another partition, into which they were not written. */
  readonly unreached: number
}

/** How many names are counted, and how much of a name is kept: names come from clients, so memory must be bounded. */
const NAMES_MAX = 20
const NAME_LENGTH_MAX = 64
/** How much of a text is kept as the example. */
const EXAMPLE_LENGTH_MAX = 20
/** A sign, digits with points, commas and blanks between them, and an optional exponent or currency. */
const NUMERAL = /^\s*[-+\p{Sc}]*\s*\d[\d.,'\s_]*(?:[eE][-+]?\d+)?\s*(?:\p{Sc}|%|[A-Z]{3})?\s*$/u
/** Longer texts are not tested: nobody writes such a number, and the test takes longer with the length. */
const NUMERAL_LENGTH_MAX = 64

/**
 * What people should know about the events: which were not used, and which look wrong. Counted by the fold and by an import. Their size
 * is bounded, and they have no effect on outcomes.
 */
export class Remarks {
  readonly near: NearEvent
  readonly #equal: NearEvent
  readonly #measures: readonly string[]
  readonly #comparing: readonly CompiledSignal[]
  #unmatched = new Map<string, number>()
  #otherNames = 0
  #skipped = new Map<string, Counted>()
  #texts = new Map<string, TextValues>()
  #suspicious = new Map<string, number>()
  #addressing = nothingOfAddressing

  constructor(cycle: CompiledCycle) {
    this.near = nearEvents(cycle.signals)
    this.#equal = equalEvents(cycle.signals)
    this.#comparing = cycle.signals.filter(({ numbers }) => numbers.length > 0)
    this.#measures = cycle.measures.map(({ id }) => id)
  }

  /** Counts an event of this actor if its id is suspicious. */
  sawActor(id: string): void {
    const name = suspiciousId(id)
    if (name !== undefined) this.#suspicious.set(name, (this.#suspicious.get(name) ?? 0) + 1)
  }

  /** Counts an event of a definition that addresses actors, and what is wrong with its addressees. */
  sawAddressees({ ids, invalid, surplus }: Addressees, isUnreached: boolean): void {
    const seen = this.#addressing
    const example = seen.example ?? (invalid.length === 0 ? undefined : exampleOf(invalid[0]))
    this.#addressing = {
      events: seen.events + 1,
      missing: seen.missing + (ids.length === 0 && invalid.length === 0 && surplus === undefined ? 1 : 0),
      invalid: seen.invalid + (invalid.length === 0 ? 0 : 1),
      ...(example === undefined ? {} : { example }),
      surplus: seen.surplus + (surplus === undefined ? 0 : 1),
      unreached: seen.unreached + (isUnreached ? 1 : 0),
    }
  }

  /** Counts an event that no signal matches. */
  sawUnmatched(event: EventView): void {
    const name = event.event
    this.#lookForTexts(event)
    const shortened = name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX - 1)}…` : name
    const count = this.#unmatched.get(shortened)
    if (count === undefined && this.#unmatched.size >= NAMES_MAX && !this.#makeRoomFor(shortened)) this.#otherNames += 1
    else this.#unmatched.set(shortened, (count ?? 0) + 1)
  }

  /** Counts a value that a measure of amounts does not count. */
  sawSkipped(measure: number, value: unknown): void {
    const id = this.#measures[measure] as string
    const counts: Counted = this.#skipped.get(id) ?? { numerals: 0, beyond: 0, others: 0 }
    const kind = kindOf(value)
    counts[kind] += 1
    if (kind === 'numerals') counts.example ??= value as string
    this.#skipped.set(id, counts)
  }

  /** The counts so far as plain data. */
  record(): RemarksRecord {
    return {
      unmatched: [...this.#unmatched],
      otherNames: this.#otherNames,
      texts: Object.fromEntries(this.#texts),
      skipped: Object.fromEntries([...this.#skipped].map(([id, counts]) => [id, { ...counts }])),
      suspicious: Object.fromEntries(this.#suspicious),
      ...(this.#addressing.events === 0 ? {} : { addressing: this.#addressing }),
    }
  }

  /** Replaces the counts by stored ones. */
  load({ unmatched, otherNames, texts, skipped, suspicious, addressing = nothingOfAddressing }: RemarksRecord): void {
    this.#unmatched = new Map(unmatched)
    this.#otherNames = otherNames
    this.#texts = new Map(Object.entries(texts))
    this.#skipped = new Map(Object.entries(skipped).map(([id, counts]) => [id, { ...counts }]))
    this.#suspicious = new Map(Object.entries(suspicious))
    this.#addressing = addressing
  }

  #lookForTexts(event: EventView): void {
    const numbers = this.#comparing.flatMap((signal) => (signal.matchesName(event.event) ? signal.numbers : []))
    for (const [path, read] of new Map(numbers.map((number) => [number.path, number.read]))) {
      const value = read(event)
      if (kindOf(value) !== 'numerals') continue
      const { events, example } = this.#texts.get(path) ?? { events: 0, example: String(value).slice(0, EXAMPLE_LENGTH_MAX) }
      this.#texts.set(path, { events: events + 1, example })
    }
  }

  /** A name that differs from one of a signal only in case, blanks or separators replaces the rarest of the others. Which names are counted is stored. */
  #makeRoomFor(name: string): boolean {
    if (this.#equal(name) === undefined) return false
    const [least] = [...this.#unmatched].filter(([other]) => this.#equal(other) === undefined).toSorted(([, a], [, b]) => a - b)
    if (least === undefined) return false
    this.#otherNames += least[1]
    return this.#unmatched.delete(least[0])
  }
}

const nothingOfAddressing: AddressingRemarks = { events: 0, missing: 0, invalid: 0, surplus: 0, unreached: 0 }

const exampleOf = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, EXAMPLE_LENGTH_MAX)

function kindOf(value: unknown): Exclude<keyof SkippedValues, 'example'> {
  if (typeof value === 'number') return 'beyond'
  return typeof value === 'string' && value.length <= NUMERAL_LENGTH_MAX && NUMERAL.test(value) ? 'numerals' : 'others'
}

function joinedTexts(before: TextValues | undefined, { events, example }: TextValues): TextValues {
  return before === undefined ? { events, example } : { events: before.events + events, example: before.example }
}

function sumOf(before: SkippedValues, { numerals, beyond, others, example }: SkippedValues): SkippedValues {
  const sum = { numerals: before.numerals + numerals, beyond: before.beyond + beyond, others: before.others + others }
  const first = before.example ?? example
  return first === undefined ? sum : { ...sum, example: first }
}

function sumOfAddressing({ events, missing, invalid, surplus, unreached, example }: AddressingRemarks, added: AddressingRemarks): AddressingRemarks {
  const first = example ?? added.example
  return {
    events: events + added.events,
    missing: missing + added.missing,
    invalid: invalid + added.invalid,
    ...(first === undefined ? {} : { example: first }),
    surplus: surplus + added.surplus,
    unreached: unreached + added.unreached,
  }
}

const noneSkipped = { numerals: 0, beyond: 0, others: 0 }

/** The remarks of several partitions as one. */
export function joinRemarks(records: readonly RemarksRecord[]): RemarksRecord {
  const unmatched = new Map<string, number>()
  const skipped = new Map<string, SkippedValues>()
  const suspicious = new Map<string, number>()
  const texts = new Map<string, TextValues>()
  const addressing = records.flatMap((record) => record.addressing ?? [])
  for (const record of records) {
    for (const [name, events] of record.unmatched) unmatched.set(name, (unmatched.get(name) ?? 0) + events)
    for (const [name, events] of Object.entries(record.suspicious)) suspicious.set(name, (suspicious.get(name) ?? 0) + events)
    for (const [path, text] of Object.entries(record.texts)) texts.set(path, joinedTexts(texts.get(path), text))
    for (const [id, values] of Object.entries(record.skipped)) skipped.set(id, sumOf(skipped.get(id) ?? noneSkipped, values))
  }
  return {
    unmatched: [...unmatched].toSorted(([, a], [, b]) => b - a),
    otherNames: records.reduce((sum, { otherNames }) => sum + otherNames, 0),
    texts: Object.fromEntries(texts),
    skipped: Object.fromEntries(skipped),
    suspicious: Object.fromEntries(suspicious),
    ...(addressing.length === 0 ? {} : { addressing: addressing.reduce(sumOfAddressing) }),
  }
}
