import { numericLimits } from '#tracking-plan'
import { jsonBody, textBody } from '../http/json-body.ts'

/**
 * The request for a contract. Large limits in its schema are numbers.
 * @throws RondoError RONDO_BODY_INVALID
 */
export function planBody(body: unknown): unknown {
  const request = jsonBody(body)
  if (typeof request !== 'object' || request === null || !('schema' in request)) return request
  const { schema } = JSON.parse(textBody(body)) as { readonly schema: unknown }
  return { ...request, schema: numericLimits(request.schema, schema) }
}
