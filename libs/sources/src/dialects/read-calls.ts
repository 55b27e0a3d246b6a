import { type ActivityEvent, formatInstant, type Instant } from '#contracts'
import { cutRaw, Refusal, type RefusedCall } from '../rows/refusal.ts'
import { type SourceRow, toActivityEvent } from '../rows/source-row.ts'

/** Decides whether an event that was read may come in: a refusal if it may not. */
export type EventCheck = (event: ActivityEvent) => Refusal | undefined

/** The result of reading a request of an SDK: its events in order, and its refused calls with their positions. */
export class ReadCalls {
  readonly events: readonly ActivityEvent[]
  readonly refused: readonly RefusedCall[]
  readonly #calls: readonly unknown[]
  readonly #rows: readonly (ActivityEvent | Refusal)[]

  /** @param rows what each of the calls became */
  constructor(calls: readonly unknown[], rows: readonly (ActivityEvent | Refusal)[]) {
    this.#calls = calls
    this.#rows = rows
    this.events = rows.filter((row): row is ActivityEvent => !(row instanceof Refusal))
    this.refused = rows.flatMap((row, index) => (row instanceof Refusal ? [refusedCall(row, index, calls[index])] : []))
  }

  /** Refuses also the events that a check refuses. */
  checked(check: EventCheck): ReadCalls {
    const rows = this.#rows.map((row) => (row instanceof Refusal ? row : (check(row) ?? row)))
    return rows.every((row, index) => row === this.#rows[index]) ? this : new ReadCalls(this.#calls, rows)
  }
}

/** Decodes each call of a request. Refused calls are kept unchanged, with their positions. */
export function readCalls(calls: readonly unknown[], arrival: Instant, decodeOne: (call: unknown, line: number) => SourceRow | Refusal): ReadCalls {
  const receivedAt = formatInstant(arrival)
  const rows = calls.map((call, index) => {
    const row = decodeOne(call, index + 1)
    return row instanceof Refusal ? row : toActivityEvent(row, receivedAt)
  })
  return new ReadCalls(calls, rows)
}

function refusedCall({ code, reason, path }: Refusal, index: number, call: unknown): RefusedCall {
  return { index, code, reason, path, raw: rawOf(call) }
}

/** JSON.stringify is recursive, and a refused call may be nested too deep for the stack. */
export function rawOf(call: unknown): string {
  try {
    return cutRaw(JSON.stringify(call) ?? '')
  } catch {
    return '(nested too deep to be written)'
  }
}
