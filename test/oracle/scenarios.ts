import { type ActivityEvent, type CycleDefinition, formatInstant, parseInstant, type Scenario, senderTypeOf } from '#contracts'
import type { HistoryEntry } from './actor-history.ts'
import { type LogRecord, oracle } from './oracle.ts'

/** Who sends all events. */
const SENDER = 'someone'
const WRITER = 'scenario'

/** A line of `given`. */
type Given = Scenario['given'][number]
/** A line of `then`. */
type Expectation = Scenario['then'][number]

/** The differences between the history of `given` and `then`; empty if the scenario holds. */
export function checkScenario(definition: CycleDefinition, scenario: Scenario): string[] {
  const { actors } = oracle(definition, logOf(definition, scenario))
  // Whose history it is must be said where the events name several actors.
  const [actor = SENDER, ...others] = scenario.actor === undefined ? actors.keys() : [scenario.actor]
  if (others.length > 0) return [`its events name ${[actor, ...others].join(', ')}, and it says of none whose history it is`]
  const history = actors.get(actor)?.entries ?? []
  const seesNotices = scenario.then.some(({ notice }) => notice === true)
  const entries = history.filter(({ kind }) => seesNotices || kind !== 'notice')
  const defects = scenario.then.flatMap((expected, index) => defectsOf(expected, entries[index], index))
  const surplus = entries.slice(scenario.then.length).map((entry) => `more than expected: ${describe(entry)}`)
  return [...defects, ...surplus]
}

/** An event arrives at `arrives`, else at its own time. As in a replay, a tick at its arrival follows it. */
function logOf(definition: CycleDefinition, scenario: Scenario): LogRecord[] {
  const opened: LogRecord = { record: 'writer.open', writer: WRITER, time: '0001-01-01T00:00:00.000Z' }
  return [opened, ...scenario.given.flatMap((given, index) => recordsOf(definition, given, index))]
}

function recordsOf(definition: CycleDefinition, given: Given, index: number): LogRecord[] {
  const time = canonical(given.at)
  if ('tick' in given) return [{ record: 'tick', writer: WRITER, time }]
  const { at: _, arrives, event, id = String(index).padStart(6, '0'), ...objects } = given
  const receivedAt = canonical(arrives ?? given.at)
  const row = { id, type: 'track', event, actor: { type: senderTypeOf(definition), id: SENDER }, time, receivedAt, ...objects } as ActivityEvent
  return [row, { record: 'tick', writer: WRITER, time: receivedAt }]
}

function defectsOf(expected: Expectation, entry: HistoryEntry | undefined, index: number): string[] {
  const line = `then ${index + 1}`
  if (entry === undefined) return [`${line}: expected ${JSON.stringify(expected)}, got nothing`]
  const actual = { ...entry, at: formatInstant(entry.at), notice: entry.kind === 'notice' ? true : undefined }
  const wanted = { ...expected, at: canonical(expected.at), notice: expected.notice }
  const keys = Object.keys(wanted) as (keyof typeof wanted)[]
  return keys.filter((key) => wanted[key] !== actual[key]).map((key) => `${line}: expected ${key} ${wanted[key]}, got ${describe(entry)}`)
}

const canonical = (text: string): string => formatInstant(parseInstant(text) ?? Number.NaN)

const describe = ({ at, ...entry }: HistoryEntry): string => JSON.stringify({ at: formatInstant(at), ...entry })
