import type { IncomingMessage } from 'node:http'
import { randomId } from '#runtime'

/** The header by which a client gives a request its id, and by which the answer names the id. */
export const REQUEST_ID = 'x-request-id'
/** Safe in a log and in a header. */
const GIVEN = /^[\w.-]{1,64}$/
/** W3C Trace Context: version, trace id, parent id, flags. The version ff and a trace id of zeros only are not valid. */
const TRACE = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/

/** The id of a request in logs and answers: the one that the client gave, else its trace id, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID]
  if (typeof given === 'string' && GIVEN.test(given)) return given
  const { traceparent } = headers
  return (typeof traceparent === 'string' ? TRACE.exec(traceparent)?.[1] : undefined) ?? randomId()
}
