import { type ActivityEvent, formatInstant, type Instant } from '#contracts'

/** A JSON object as it came: own properties only, values unchecked. */
export type JsonObject = Record<string, unknown>

/** Whether a value of JSON is an object. */
export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The calls of the Segment specification, which are also the types of an ActivityEvent. */
export const callTypes = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const
export type CallType = (typeof callTypes)[number]

/** One decoded event: the fields of an ActivityEvent, with times as numbers, and its line (for a batch: its position, from 1). */
export interface SourceRow {
  readonly line: number
  readonly time: Instant
  readonly arrival: Instant
  readonly id: string
  readonly event: string
  readonly type: CallType
  readonly actorType: string
  readonly actorId: string
  readonly properties?: JsonObject | undefined
  readonly traits?: JsonObject | undefined
  readonly context?: JsonObject | undefined
  /** The sender's time, if it was after the arrival. */
  readonly claimedTime?: Instant | undefined
  readonly source?: string | undefined
  /** The id that the user of an identify or alias call had as a visitor. */
  readonly anonymousId?: string | undefined
  /** The input had no id: this one was made. */
  readonly isIdMade?: true
}

/** The record of `activity` for a row. `receivedAt` may be given if many rows share one arrival. */
export function toActivityEvent(row: SourceRow, receivedAt?: string): ActivityEvent {
  const time = formatInstant(row.time)
  const event: ActivityEvent = {
    id: row.id,
    type: row.type,
    event: row.event,
    actor: { type: row.actorType, id: row.actorId },
    time,
    receivedAt: receivedAt ?? (row.arrival === row.time ? time : formatInstant(row.arrival)),
  }
  if (row.claimedTime !== undefined) event.claimedTime = formatInstant(row.claimedTime)
  if (row.properties !== undefined) event.properties = row.properties
  if (row.traits !== undefined) event.traits = row.traits
  if (row.context !== undefined) event.context = row.context
  if (row.source !== undefined) event.source = row.source
  if (row.anonymousId !== undefined) event.anonymousId = row.anonymousId
  return event
}
