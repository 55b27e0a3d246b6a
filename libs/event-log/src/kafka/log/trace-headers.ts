import type { IHeaders } from 'kafkajs'
import type { FetchedRecord } from '../client/kafka-client.ts'

/** The header of W3C Trace Context. A frame of several traced requests has it once for each. */
const TRACEPARENT = 'traceparent'

/** The headers of a record, with the traces that it belongs to. */
export function tracedHeaders(headers: IHeaders, traces: readonly string[] | undefined): IHeaders {
  return traces === undefined ? headers : { ...headers, [TRACEPARENT]: [...traces] }
}

/** The traces of a record; undefined if it has none. */
export function tracesOf({ headers }: Pick<FetchedRecord, 'headers'>): readonly string[] | undefined {
  const found = headers[TRACEPARENT]
  if (found === undefined) return undefined
  return (Array.isArray(found) ? found : [found]).map(String)
}
