import { formatInstant, type Instant } from '#contracts'

/** A call of the Segment dialect that somebody in the ecosystem makes: an event, or traits at the joining. */
export interface Call {
  readonly at: Instant
  readonly userId: string
  /** Missing if the call gives traits. */
  readonly event?: string
  readonly properties?: Readonly<Record<string, string | number | boolean>>
  readonly traits?: Readonly<Record<string, string | number | boolean>>
}

/** A call as a line of NDJSON. @param messageId its id, which no other call has */
export function callText({ at, userId, event, properties, traits }: Call, messageId: string): string {
  const type = event === undefined ? 'identify' : 'track'
  return JSON.stringify({ type, messageId, userId, event, properties, traits, timestamp: formatInstant(at) })
}
