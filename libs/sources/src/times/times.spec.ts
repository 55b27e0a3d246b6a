import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, parseInstant } from '#contracts'
import { describeNoTime } from './no-time.ts'
import { readerOfTimes, readInstant, readTimeValue, timeReader } from './times.ts'

const written = (text: string, timeFormat?: string, timezone?: string): string | undefined => {
  const at = timeReader({ timeFormat, timezone })(text)
  return at === undefined ? undefined : formatInstant(at)
}

describe('a time recognized by its form', () => {
  it.each([
    ['2008-12-08T06:13:34Z', '2008-12-08T06:13:34.000Z'],
    ['2008-12-08 06:13:34', '2008-12-08T06:13:34.000Z'],
    ['2008-12-08 06:13:34 UTC', '2008-12-08T06:13:34.000Z'],
    ['2008-12-08 06:13:34.5+02:00', '2008-12-08T04:13:34.500Z'],
    ['2008-12-08 06:13:34 +0200', '2008-12-08T04:13:34.000Z'],
    ['2008-12-08T06:13', '2008-12-08T06:13:00.000Z'],
    ['2026-11-22T10:33:43.069928+00:00', '2026-11-22T10:33:43.069Z'],
    ['1997-01-01', '1997-01-01T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['19970101', '1997-01-01T00:00:00.000Z'],
    ['1210728789', '2008-05-14T01:33:09.000Z'],
    ['1210728789.0019', '2008-05-14T01:33:09.001Z'],
    ['-1210728789', '1931-08-20T22:26:51.000Z'],
    ['20240711090732', '2024-07-11T09:07:32.000Z'],
    ['20000101000000', '2000-01-01T00:00:00.000Z'],
    ['1720688852123456', '2024-07-11T09:07:32.123Z'],
    ['1720688852123999999', '2024-07-11T09:07:32.123Z'],
    ['-1000000000000001', '1938-04-24T22:13:19.999Z'],
    ['2024-07-11 09:07:32.5+00', '2024-07-11T09:07:32.500Z'],
    ['2024-07-11 09:07:32+05:30', '2024-07-11T03:37:32.000Z'],
    ['2024-07-11 09:07:32-03', '2024-07-11T12:07:32.000Z'],
    ['20240711T090732Z', '2024-07-11T09:07:32.000Z'],
    ['20240711T090732', '2024-07-11T09:07:32.000Z'],
    ['20240711 0907 -0330', '2024-07-11T12:37:00.000Z'],
    ['20240711t090732.25+0545', '2024-07-11T03:22:32.250Z'],
    ['2024-07-11t09:07:32,5z', '2024-07-11T09:07:32.500Z'],
    ['2024-07-11 09:07:32 gmt', '2024-07-11T09:07:32.000Z'],
    ['2026-01-01T10:00:00 Z', '2026-01-01T10:00:00.000Z'],
    ['1541105830796', '2018-11-01T20:57:10.796Z'],
    ['1540919166796.0', '2018-10-30T17:06:06.796Z'],
  ])('%s is %s', (text, expected) => expect(written(text)).toBe(expected))

  it.each([
    '',
    ' ',
    'yesterday',
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-1-1',
    '20260230',
    '0000-01-01',
    '2026',
    '1234567',
    '01/02/2026',
    '2026-01-01T25:00:00Z',
    '2026-01-01T10:60:00',
    '2026-01-01X10:00:00Z',
    '1e12',
    '0x7fffffff',
    '99999999999999999999',
    'NaN',
    '2026-01-01T',
    '1210728789,5',
    '--21072878',
    '915148800',
    '-121072878',
    '202407110907',
    '20241311090732',
    '20240711246060',
    '20240711090732.5',
    '-20240711090732',
    '17206888521234567',
    '172068885212345678',
    '12345678901234567890',
    '2024-07-11 09:07:32+1',
    '2024-07-11 09:07:32+0:30',
    '2024-07-11 09:07:32 +25:00',
  ])('%p is none', (text) => expect(written(text)).toBeUndefined())
})

describe('a forced format', () => {
  it('takes its own form alone', () => {
    expect(written('19970101', 'compact')).toBe('1997-01-01T00:00:00.000Z')
    expect(written('19970101', 'seconds')).toBe('1970-08-20T03:15:01.000Z')
    expect(written('86400', 'seconds')).toBe('1970-01-02T00:00:00.000Z')
    expect(written('915148800000', 'seconds')).toBeUndefined()
    expect(written('915148800', 'millis')).toBe('1970-01-11T14:12:28.800Z')
    expect(written('-1.5', 'seconds')).toBe('1969-12-31T23:59:58.500Z')
    expect(written('-0.0001', 'seconds')).toBe('1969-12-31T23:59:59.999Z')
    expect(written('915148800', 'seconds')).toBe('1999-01-01T00:00:00.000Z')
    expect(written('1720688852123456', 'micros')).toBe('2024-07-11T09:07:32.123Z')
    expect(written('-1', 'nanos')).toBe('1969-12-31T23:59:59.999Z')
    expect(written('20240711090732', 'compact')).toBe('2024-07-11T09:07:32.000Z')
    expect(written('202407110907', 'compact')).toBeUndefined()
    expect(written('1997-01-01', 'date')).toBe('1997-01-01T00:00:00.000Z')
    expect(written('1997-01-01', 'iso')).toBe('1997-01-01T00:00:00.000Z')
    expect(written('1997-01-01T00:00:00Z', 'date')).toBeUndefined()
    expect(written('1997-01-01', 'compact')).toBeUndefined()
    expect(written('19970101', 'date')).toBeUndefined()
    expect(written('1997-01-01', 'millis')).toBeUndefined()
  })
})

describe('a pattern', () => {
  it.each([
    ['DD/MM/YYYY HH:mm', '11/07/2024 09:07', '2024-07-11T09:07:00.000Z'],
    ['MM/DD/YYYY HH:mm:ss', '07/11/2024 09:07:32', '2024-07-11T09:07:32.000Z'],
    ['D.M.YYYY', '1.7.2024', '2024-07-01T00:00:00.000Z'],
    ['D-MMM-YYYY', '11-JUL-2024', '2024-07-11T00:00:00.000Z'],
    ['M/D/YYYY h:mm A', '7/11/2024 12:05 AM', '2024-07-11T00:05:00.000Z'],
    ['M/D/YYYY h:mm A', '7/11/2024 12:05 p.m.', '2024-07-11T12:05:00.000Z'],
    ['YYYY/MM/DD HH:mm:ss.SSS Z', '2024/07/11 09:07:32.5 +0200', '2024-07-11T07:07:32.500Z'],
    ['DDMMYYYYHHmm', '110720240907', '2024-07-11T09:07:00.000Z'],
    ['[DD|MM|YYYY]', '[11|07|2024]', '2024-07-11T00:00:00.000Z'],
  ])('%s reads %s as %s', (pattern, text, expected) => expect(written(text, pattern)).toBe(expected))

  it.each([
    ['DD/MM/YYYY', '07/13/2024'],
    ['DD/MM/YYYY', '1/7/2024'],
    ['DD/MM/YYYY', '30/02/2024'],
    ['DD/MM/YYYY', '11/07/2024 09:07'],
    ['DD.MM.YYYY', '11/07/2024'],
    ['D-MMM-YYYY', '11-Mai-2024'],
    ['M/D/YYYY h:mm A', '7/11/2024 13:05 PM'],
    ['DD/MM/YYYY HH:mm', '11/07/2024 25:00'],
  ])('%s does not read %s', (pattern, text) => expect(written(text, pattern)).toBeUndefined())

  it.each(['roman', 'DD/MM', 'DD/MM/YY', 'DD/MM/YYYY/DD', 'MM/MMM/DD/YYYY', 'DD/MM/YYYY hh:mm', 'DD/MM/YYYY mm', 'YYYY-MM-DD Z', ''])(
    '%j is none',
    (pattern) => {
      expect(readerOfTimes({ timeFormat: pattern })).toBeUndefined()
    },
  )
})

describe('a time without an offset', () => {
  it.each([
    ['2024-01-15 12:00:00', 'Europe/Berlin', '2024-01-15T11:00:00.000Z'],
    ['2024-07-15 12:00:00', 'Europe/Berlin', '2024-07-15T10:00:00.000Z'],
    ['2024-07-15', 'America/New_York', '2024-07-15T04:00:00.000Z'],
    ['20240715', 'Asia/Kolkata', '2024-07-14T18:30:00.000Z'],
    ['20240715093000', 'Asia/Kathmandu', '2024-07-15T03:45:00.000Z'],
    ['20240715T0930', 'Asia/Kathmandu', '2024-07-15T03:45:00.000Z'],
    ['1890-01-01 00:00:00', 'Europe/Berlin', '1889-12-31T23:06:32.000Z'],
    ['0900-01-01', 'Europe/Berlin', '0899-12-31T23:06:32.000Z'],
  ])('%s in %s is %s', (text, zone, expected) => expect(written(text, undefined, zone)).toBe(expected))

  it('does not depend on the zone if it has an offset or is Unix time', () => {
    for (const text of ['2024-07-15T12:00:00Z', '2024-07-15 12:00:00+00', '1721044800', '1721044800000']) {
      expect(written(text, undefined, 'America/New_York')).toBe('2024-07-15T12:00:00.000Z')
    }
  })

  it('is refused with this reason if no clock showed it, because clocks were set forward', () => {
    for (const [text, zone] of [
      ['2024-03-31 02:00:00', 'Europe/Berlin'],
      ['2024-03-31 02:59:59', 'Europe/Berlin'],
      ['2018-11-04 00:30:00', 'America/Sao_Paulo'],
      ['2011-12-30 12:00:00', 'Pacific/Apia'],
    ] as const) {
      expect(written(text, undefined, zone)).toBeUndefined()
      expect(describeNoTime(text, { timezone: zone })).toBe(`, a local time that does not exist in ${zone}: its clocks were set forward then`)
    }
    expect(written('2024-03-31 03:00:00', undefined, 'Europe/Berlin')).toBe('2024-03-31T01:00:00.000Z')
    expect(written('31/03/2024 02:30', 'DD/MM/YYYY HH:mm', 'Europe/Berlin')).toBeUndefined()
  })

  it('is the first of two instants if clocks showed it twice', () => {
    expect(written('2024-10-27 02:30:00', undefined, 'Europe/Berlin')).toBe('2024-10-27T00:30:00.000Z')
    expect(written('2024-11-03 01:00:00', undefined, 'America/New_York')).toBe('2024-11-03T05:00:00.000Z')
    expect(written('2024-04-07 01:45', 'YYYY-MM-DD HH:mm', 'Australia/Lord_Howe')).toBe('2024-04-06T14:45:00.000Z')
  })

  it('is the first instant of a day without a clock, also if the clock skipped midnight or the day', () => {
    expect(written('2018-11-04', undefined, 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z')
    expect(written('04.11.2018', 'DD.MM.YYYY', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z')
    expect(written('2011-12-30', undefined, 'Pacific/Apia')).toBe('2011-12-30T10:00:00.000Z')
    // At half past eleven in the evening before, to half past twelve.
    expect(written('1919-03-31', undefined, 'America/Toronto')).toBe('1919-03-31T04:30:00.000Z')
  })

  it('is read as the zone writes it, on any day', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Africa/Casablanca', 'Pacific/Chatham', 'America/Sao_Paulo', 'Asia/Tehran')
    const instants = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2037, 0) }).map((at) => Math.floor(at / 1000) * 1000)
    fc.assert(
      fc.property(zones, instants, (timeZone, at) => {
        const shown = (instant: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant)
        const read = timeReader({ timezone: timeZone })(shown(at)) ?? Number.NaN
        expect(shown(read)).toBe(shown(at))
        expect(read).toBeLessThanOrEqual(at)
      }),
      { numRuns: 300 },
    )
  })
})

it('zero in digits alone is no time, while 1970-01-01 in full is one', () => {
  expect(['0000000000', '0000000000000', '0000000000.000', '-0000000000', '00000000', '0'].map((text) => written(text))).toEqual(Array(6).fill(undefined))
  expect([written('0', 'seconds'), written('0', 'millis'), written('0000000001')]).toEqual([undefined, undefined, '1970-01-01T00:00:01.000Z'])
  expect([written('1970-01-01'), written('1970-01-01T00:00:00Z')]).toEqual(Array(2).fill('1970-01-01T00:00:00.000Z'))
})

describe('any instant', () => {
  const instants = fc.integer({ min: INSTANT_MIN, max: INSTANT_MAX })

  it('is read back from every form that can write it', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const text = formatInstant(at)
        expect(timeReader()(text)).toBe(at)
        expect(timeReader()(text.slice(0, -1).replace('T', ' '))).toBe(at)
        // Zero in digits alone is no time: see above.
        const inDigits = at === 0 ? undefined : at
        expect(timeReader({ timeFormat: 'millis' })(String(at))).toBe(inDigits)
        expect(timeReader({ timeFormat: 'seconds' })((at / 1000).toFixed(3))).toBe(inDigits)
        const midnight = Math.floor(at / 86_400_000) * 86_400_000
        if (midnight < INSTANT_MIN) return
        expect(timeReader()(text.slice(0, 10))).toBe(midnight)
        expect(timeReader({ timeFormat: 'compact' })(text.slice(0, 10).replaceAll('-', ''))).toBe(midnight)
      }),
      { examples: [[0], [1], [-1], [INSTANT_MIN], [INSTANT_MAX]] },
    )
  })

  it('is read from any text with a zone as the contracts read it', () => {
    const pieces = fc.constantFrom('0', '1', '2', '3', '5', '6', '9', '-', ':', '.', 'T', 'Z', '+', ' ')
    const broken = fc.tuple(instants, fc.nat(23), pieces).map(([at, place, piece]) => {
      const text = formatInstant(at)
      return text.slice(0, place) + piece + text.slice(place + 1)
    })
    const short = instants.map((at) => `${formatInstant(at).slice(0, 19)}Z`)
    fc.assert(
      fc.property(fc.oneof(broken, short, fc.string()), (text) => {
        expect(readInstant(text)).toBe(parseInstant(text))
      }),
      { numRuns: 2000 },
    )
  })
})

it('a JSON value is a time if it is such a text or such a number', () => {
  expect(readTimeValue(1210728789)).toBe(1_210_728_789_000)
  expect(readTimeValue(1541105830796)).toBe(1_541_105_830_796)
  expect([null, true, {}, [], 12, Number.NaN, 1e300].map(readTimeValue)).toEqual(Array(7).fill(undefined))
})
