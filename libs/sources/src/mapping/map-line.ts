import { formatInstant, type Reference, type SourceMapping } from '#contracts'
import { decodeEvent, type EventSetting } from '../json/event-line.ts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import type { JsonObject, SourceRow } from '../rows/source-row.ts'
import { describeNoTime } from '../times/no-time.ts'
import { type TimeSetting, timeReader, valueReader } from '../times/times.ts'
import { idText, jsonMap, optionalReader, type Part, requiredPart, textOf, valueText } from './map-event.ts'
import type { SourceRecord } from './source-record.ts'

/** The mapping of the lines of a foreign NDJSON file to events. */
export interface LineMapping extends TimeSetting, SourceMapping {
  /** The recorded time: with `--as-recorded` it is the arrival. */
  readonly recorded?: Reference | undefined
}

/** Makes a row from the value of a line. */
export type LineMapper = (value: unknown, line: number, setting: EventSetting) => SourceRow | Refusal

/** The record of a line for the mapping: unlike a record of a topic, it has no key, no headers and no time. */
const record: SourceRecord = { topic: '', partition: 0, offset: 0, key: null, value: null, headers: {}, timestamp: 0, isAppendTime: false }

/** Makes events from lines of foreign NDJSON. */
export function lineMapper({ timeFormat, timezone, recorded, ...map }: LineMapping, actorType: string): LineMapper {
  const completeMap: SourceMapping & { recorded?: Reference | undefined } = { ...jsonMap, recorded, ...map }
  const timeOf = instantPart('time', requiredPart('time', completeMap.time), { timeFormat, timezone })
  const recordedOf = instantPart('recorded', optionalReader(completeMap.recorded), { timeFormat, timezone })
  const [idOf, nameOf, actorOf, typeOf] = [
    idText('id', completeMap.id),
    requiredPart('event', completeMap.event),
    requiredPart('actor', completeMap.actor),
    idText('actorType', completeMap.actorType),
  ]
  const readers = (['properties', 'traits', 'context'] as const).map((key) => [key, optionalReader(completeMap[key])] as const)

  return (value, line, setting) => {
    const read = { value, record }
    const [id, name, actorId, type] = [idOf(read), nameOf(read), textOf('actor', actorOf(read)), typeOf(read)]
    const [time, receivedAt] = [timeOf(read), setting.asRecorded ? recordedOf(read) : undefined]
    for (const part of [name, actorId, type, time, receivedAt, id]) if (part instanceof Refusal) return part
    const event: JsonObject = { type: 'track', event: name, actor: { type: type ?? actorType, id: actorId }, time }
    if (id !== undefined && id !== '') event.id = id
    if (receivedAt !== undefined) event.receivedAt = receivedAt
    for (const [key, readReference] of readers) {
      const value = readReference(read)
      if (value !== undefined) event[key] = value
    }
    return decodeEvent(event, line, setting)
  }
}

/** A time of a line in the form that Rondo writes; an empty text counts as missing. */
function instantPart(what: string, part: Part, setting: TimeSetting): Part {
  const readTime = valueReader(timeReader(setting))
  const form = setting.timeFormat === undefined ? '' : ` (${setting.timeFormat})`
  return (read) => {
    const value = part(read)
    if (value instanceof Refusal || value === undefined) return value
    if (value === '' && what !== 'time') return undefined
    const time = readTime(value)
    return time === undefined
      ? invalidEvent(`${what}: expected a time${form}, found ${valueText(value)}${describeNoTime(String(value), setting)}`)
      : formatInstant(time)
  }
}
