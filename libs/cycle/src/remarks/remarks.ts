import { suspiciousId } from '#contracts'
import type { CompiledCycle, CompiledSignal } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import { type NearEvent, nearEvents } from './near-event.ts'

/** Values at the path of a measure of amounts that are left out of it. */
export interface SkippedValues {
  /** Text that looks like a number; there is no coercion. */
  readonly numerals: number
  /** Numbers beyond ±9·10⁹. */
  readonly beyond: number
  /** Nothing, or what is no number at all. */
  readonly others: number
  /** The first text that looks like a number. */
  readonly example?: string | undefined
}

type Counted = { -readonly [key in keyof SkippedValues]: SkippedValues[key] }

/** Values at a path that a signal's `where` compares with a number. */
export interface TextValues {
  readonly events: number
  /** The first one, shortened. */
  readonly example: string
}

/** Remarks as plain data, small enough to be kept with every step. */
export interface RemarksRecord {
  /** Events that no signal matched, by name, the first ones seen. */
  readonly unmatched: readonly (readonly [name: string, events: number])[]
  /** Those of names beyond that. */
  readonly otherNames: number
  /** Text that looks like a number in events of no signal, by path. */
  readonly texts: Readonly<Record<string, TextValues>>
  /** By measure. */
  readonly skipped: Readonly<Record<string, SkippedValues>>
  /** Events by a suspicious actor id. */
  readonly suspicious: Readonly<Record<string, number>>
}

/** Names that are counted each for itself, and how much of a name is kept: names come from outside. */
const NAMES_MAX = 20
const NAME_LENGTH_MAX = 64
const EXAMPLE_LENGTH_MAX = 20
/** A sign, digits with points, commas and blanks between, perhaps an exponent or a currency. */
const NUMERAL = /^\s*[-+\p{Sc}]*\s*\d[\d.,'\s_]*(?:[eE][-+]?\d+)?\s*(?:\p{Sc}|%|[A-Z]{3})?\s*$/u
const NUMERAL_LENGTH_MAX = 64

/**
 * What people should know of the events beside the outcomes: what was left aside, and what looks wrong. Counted by the fold and by an
 * import, bounded, and without any effect on outcomes.
 */
export class Remarks {
  readonly near: NearEvent
  readonly #measures: readonly string[]
  readonly #comparing: readonly CompiledSignal[]
  #unmatched = new Map<string, number>()
  #otherNames = 0
  #skipped = new Map<string, Counted>()
  #texts = new Map<string, TextValues>()
  #suspicious = new Map<string, number>()

  constructor(cycle: CompiledCycle) {
    this.near = nearEvents(cycle.signals)
    this.#comparing = cycle.signals.filter(({ numbers }) => numbers.length > 0)
    this.#measures = cycle.measures.map(({ id }) => id)
  }

  /** An event came from this actor. */
  sawActor(id: string): void {
    const name = suspiciousId(id)
    if (name !== undefined) this.#suspicious.set(name, (this.#suspicious.get(name) ?? 0) + 1)
  }

  /** An event matched no signal. */
  sawUnmatched(event: EventView): void {
    const name = event.event
    this.#lookForTexts(event)
    const kept = name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX - 1)}…` : name
    const count = this.#unmatched.get(kept)
    if (count === undefined && this.#unmatched.size >= NAMES_MAX && !this.#makeRoomFor(kept)) this.#otherNames += 1
    else this.#unmatched.set(kept, (count ?? 0) + 1)
  }

  /** A value at the path of a measure of amounts is left out of it. */
  sawSkipped(measure: number, value: unknown): void {
    const id = this.#measures[measure] as string
    const counts: Counted = this.#skipped.get(id) ?? { numerals: 0, beyond: 0, others: 0 }
    const kind = kindOf(value)
    counts[kind] += 1
    if (kind === 'numerals') counts.example ??= value as string
    this.#skipped.set(id, counts)
  }

  record(): RemarksRecord {
    return {
      unmatched: [...this.#unmatched],
      otherNames: this.#otherNames,
      texts: Object.fromEntries(this.#texts),
      skipped: Object.fromEntries([...this.#skipped].map(([id, counts]) => [id, { ...counts }])),
      suspicious: Object.fromEntries(this.#suspicious),
    }
  }

  /** Goes on from what was counted before, in place of what has been counted since. */
  resume({ unmatched, otherNames, texts, skipped, suspicious }: RemarksRecord): void {
    this.#unmatched = new Map(unmatched)
    this.#otherNames = otherNames
    this.#texts = new Map(Object.entries(texts))
    this.#skipped = new Map(Object.entries(skipped).map(([id, counts]) => [id, { ...counts }]))
    this.#suspicious = new Map(Object.entries(suspicious))
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

  /** A name that comes near a signal is what people look for, so that it takes the place of the least of those that do not. */
  #makeRoomFor(name: string): boolean {
    if (this.near(name) === undefined) return false
    const [least] = [...this.#unmatched].filter(([other]) => this.near(other) === undefined).toSorted(([, a], [, b]) => a - b)
    if (least === undefined) return false
    this.#otherNames += least[1]
    return this.#unmatched.delete(least[0])
  }
}

function kindOf(value: unknown): Exclude<keyof SkippedValues, 'example'> {
  if (typeof value === 'number') return 'beyond'
  return typeof value === 'string' && value.length <= NUMERAL_LENGTH_MAX && NUMERAL.test(value) ? 'numerals' : 'others'
}

function joined(before: TextValues | undefined, { events, example }: TextValues): TextValues {
  return before === undefined ? { events, example } : { events: before.events + events, example: before.example }
}

function sumOf(before: SkippedValues, { numerals, beyond, others, example }: SkippedValues): SkippedValues {
  const sum = { numerals: before.numerals + numerals, beyond: before.beyond + beyond, others: before.others + others }
  const first = before.example ?? example
  return first === undefined ? sum : { ...sum, example: first }
}

const nothing = { numerals: 0, beyond: 0, others: 0 }

/** The remarks of several partitions as one. */
export function joinRemarks(records: readonly RemarksRecord[]): RemarksRecord {
  const unmatched = new Map<string, number>()
  const skipped = new Map<string, SkippedValues>()
  const suspicious = new Map<string, number>()
  const texts = new Map<string, TextValues>()
  for (const record of records) {
    for (const [name, events] of record.unmatched) unmatched.set(name, (unmatched.get(name) ?? 0) + events)
    for (const [name, events] of Object.entries(record.suspicious)) suspicious.set(name, (suspicious.get(name) ?? 0) + events)
    for (const [path, text] of Object.entries(record.texts)) texts.set(path, joined(texts.get(path), text))
    for (const [id, values] of Object.entries(record.skipped)) skipped.set(id, sumOf(skipped.get(id) ?? nothing, values))
  }
  return {
    unmatched: [...unmatched].toSorted(([, a], [, b]) => b - a),
    otherNames: records.reduce((sum, { otherNames }) => sum + otherNames, 0),
    texts: Object.fromEntries(texts),
    skipped: Object.fromEntries(skipped),
    suspicious: Object.fromEntries(suspicious),
  }
}
