import { formatInstant, type RefusedForm, type Repair, type SourceMapping } from '#contracts'
import { isMissing } from '../dialects/segment-call.ts'
import { jsonMap } from '../mapping/map-event.ts'
import { referenceReader, referenceText } from '../mapping/reference.ts'
import type { ReadRecord } from '../mapping/source-record.ts'
import { invalidAt, invalidEvent, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject } from '../rows/source-row.ts'
import { noTime } from '../times/no-time.ts'
import { timeReader, valueReader } from '../times/times.ts'
import { stepsOf, withField, withoutField } from './written-field.ts'

/** A form that can be read again. */
export type ReadableForm = Exclude<RefusedForm, 'row'>

/** A part of an event that a repair can change. */
type PartName = keyof SourceMapping
/** Where each form has the parts of an event. */
type FieldsOfForm = Readonly<Partial<Record<PartName, string>>>

/** In the dialects of SDKs the type of the actor is no field: `actorType` is read beside the call. */
const fieldsByForm: Readonly<Record<ReadableForm, FieldsOfForm>> = {
  segment: { id: 'messageId', event: 'event', actor: 'userId', time: 'timestamp', properties: 'properties', traits: 'traits', context: 'context' },
  posthog: { id: 'uuid', event: 'event', actor: 'distinct_id', time: 'timestamp', properties: 'properties', traits: '$set' },
  cloudevents: { id: 'id', event: 'type', actor: 'subject', time: 'time', properties: 'data' },
  event: jsonMap,
  source: jsonMap,
}

/** A refused event after its repair. */
export interface Repaired {
  readonly value: unknown
  /** The type of its actor, if the repair names it. */
  readonly actorType: string | undefined
  /** Whether the repair says where its time is: then the clock of its sender is not corrected. */
  readonly hasMappedTime: boolean
}

/** Applies a repair to the JSON of a refused event. Every value is taken from the JSON as it came. */
export function repaired(read: ReadRecord, form: ReadableForm, repair: Repair): Repaired | Refusal {
  const { map = {} } = repair
  const actorType = map.actorType === undefined ? undefined : referenceReader(map.actorType)(read)
  if (actorType !== undefined && typeof actorType !== 'string') return invalidAt('actorType', 'expected a string')
  const value = Object.keys(repair).length === 0 ? read.value : changed(read, form, repair)
  return value instanceof Refusal ? value : { value, actorType, hasMappedTime: map.time !== undefined }
}

function changed(read: ReadRecord, form: ReadableForm, repair: Repair): JsonObject | Refusal {
  const { map = {}, set = {}, remove = [] } = repair
  const mapped = isJsonObject(read.value) ? withParts(read.value, read, form, map) : invalidEvent('expected an object')
  if (mapped instanceof Refusal) return mapped
  let object = mapped
  for (const [path, reference] of Object.entries(set)) {
    const value = referenceReader(reference)(read)
    if (value !== undefined) object = withField(object, stepsOf(path), value)
  }
  for (const path of remove) object = withoutField(object, stepsOf(path))
  return withIsoTime(object, fieldsByForm[form].time as string, repair)
}

function withParts(object: JsonObject, read: ReadRecord, form: ReadableForm, map: SourceMapping): JsonObject | Refusal {
  const fields = fieldsByForm[form]
  let mapped = object
  for (const [part, reference] of Object.entries(map) as [PartName, NonNullable<SourceMapping[PartName]>][]) {
    const field = fields[part]
    if (field === undefined && part === 'actorType') continue
    if (field === undefined) return invalidAt(`map.${part}`, `an event of the form ${form} has no such part`)
    const value = referenceReader(reference)(read)
    if (value === undefined) return invalidEvent(`${part}: expected a value at ${referenceText(reference)}, found none`)
    mapped = withField(mapped, stepsOf(field), value)
  }
  return mapped
}

/** A time that the repair names, or whose format it names, is written in the form that all dialects read. */
function withIsoTime(object: JsonObject, field: string, { map, timeFormat, timezone }: Repair): JsonObject | Refusal {
  if (map?.time === undefined && timeFormat === undefined && timezone === undefined) return object
  const name = field === 'timestamp' && isMissing(object.timestamp) ? 'originalTimestamp' : field
  const value = object[name]
  if (isMissing(value)) return object
  const time = valueReader(timeReader({ timeFormat, timezone }))(value)
  return time === undefined ? noTime(name, value) : withField(object, [name], formatInstant(time))
}
