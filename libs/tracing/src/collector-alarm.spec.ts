import { describe, expect, it } from '@jest/globals'
import { collectorAlarm } from './collector-alarm.ts'

const COLLECTOR = 'http://writer:secret@collector.example:4318/v1/traces'
const SENTENCE =
  /^Spans cannot be sent to the collector at collector\.example:4318 \((.*)\): they are dropped, and requests go on\. Check that it runs, and that /
const reason = (message: string) => SENTENCE.exec(collectorAlarm(COLLECTOR, message))?.[1]

describe('the alarm for spans that cannot be sent', () => {
  it.each([
    [{ stack: 'Error: connect …\n    at x.js:1', message: 'connect ECONNREFUSED 127.0.0.1:9', code: 'ECONNREFUSED' }, 'connect ECONNREFUSED 127.0.0.1:9'],
    [{ stack: 'AggregateError\n    at x.js:1', message: '', code: 'ECONNREFUSED', name: 'AggregateError' }, 'ECONNREFUSED'],
    [{ stack: 'OTLPExporterError', message: 'Not Found', code: '404', data: '<html>' }, 'Not Found, 404'],
    [{ stack: 'Error' }, 'no reason is known'],
  ])('is a sentence with the host and the reason of %j', (error, expected) => {
    expect(reason(JSON.stringify(error))).toBe(expected)
  })

  it('has what the SDK says in a sentence, in one line that is not too long, and no password', () => {
    expect(reason('Dropped 3 spans because maxQueueSize reached')).toBe('Dropped 3 spans because maxQueueSize reached')
    expect(reason(`${'x'.repeat(300)}\nsecond line`)).toBe(`${'x'.repeat(200)}…`)
    expect(collectorAlarm(COLLECTOR, 'no')).not.toContain('secret')
  })
})
