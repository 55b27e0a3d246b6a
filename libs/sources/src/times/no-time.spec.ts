import { describe, expect, it } from '@jest/globals'
import { describeNoTime, noTime } from './no-time.ts'

describe('the message about a text that is not a time', () => {
  it.each([
    ['0001-01-01T00:00:00+02:00', ', which Go and .NET write for a time that nobody set'],
    ['0000000000', ', zero, which systems write for a time that nobody set'],
    ['0', ', zero, which systems write for a time that nobody set'],
    ['-5', ', a negative number of 1 digit: Unix time before 1970 has 10, 13, 16 or 19 digits; for others give a time format, such as seconds'],
    ['915148800', ', a number of 9 digits: 8 or 14 digits are a date, 10, 13, 16 or 19 are Unix time; for others give a time format, such as seconds'],
    ['20259999', ': month 99 does not exist'],
    ['20250100', ': day 00 of month 01 in 2025 does not exist'],
    ['20250229120000', ': day 29 of month 02 in 2025 does not exist'],
    ['20250228126000', ': minute 60 does not exist'],
    ['2025-02-30', ': day 30 of month 02 in 2025 does not exist'],
    ['2025-13-01 10:00:00', ': month 13 does not exist'],
    ['2025-12-01T25:00:00+02:00', ': hour 25 does not exist'],
    ['0000-01-01', ': year 0 does not exist'],
    ['13/07/2024', ', in which day and month cannot be distinguished: give a time format, such as DD/MM/YYYY HH:mm'],
    ['1.7.24 10:00', ', in which day and month cannot be distinguished: give a time format, such as DD/MM/YYYY HH:mm'],
    ['yesterday', ''],
  ])('%s: %j', (text, more) => expect(describeNoTime(text, {})).toBe(more))

  it('gives no advice about a time format if the input has no setting for it', () => {
    const expected = 'timestamp: expected an ISO 8601 time, such as 2026-01-31T12:00:00.000Z; found '
    expect(noTime('timestamp', 12345).reason).toBe(`${expected}12345, a number of 5 digits: 8 or 14 digits are a date, 10, 13, 16 or 19 are Unix time`)
    expect(noTime('timestamp', '13/07/2024').reason).toBe(`${expected}"13/07/2024", in which day and month cannot be distinguished`)
  })
})
