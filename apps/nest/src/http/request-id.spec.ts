import { describe, expect, it } from '@jest/globals'
import { requestIdOf } from './request-id.ts'

const NEW = expect.stringMatching(/^[\w-]{22}$/)
const trace = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('the id of a request', () => {
  it.each([
    [{ 'x-request-id': 'proxy-7.a_B' }, 'proxy-7.a_B'],
    [{ 'x-request-id': 'proxy-7', traceparent: `00-${trace}-00f067aa0ba902b7-01` }, 'proxy-7'],
    [{ traceparent: `00-${trace}-00f067aa0ba902b7-01` }, trace],
    // A later version may have more fields.
    [{ traceparent: `01-${trace}-00f067aa0ba902b7-01-more` }, trace],
    [{ 'x-request-id': 'no\nline', traceparent: `00-${trace}-00f067aa0ba902b7-01` }, trace],
    [{ 'x-request-id': 'x'.repeat(65) }, NEW],
    [{ 'x-request-id': '' }, NEW],
    [{ traceparent: `ff-${trace}-00f067aa0ba902b7-01` }, NEW],
    [{ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, NEW],
    [{}, NEW],
  ])('of the headers %j is %s', (headers, id) => {
    expect(requestIdOf({ headers })).toEqual(id)
  })

  it('is another one for each request without headers', () => {
    expect(requestIdOf({ headers: {} })).not.toBe(requestIdOf({ headers: {} }))
  })
})
