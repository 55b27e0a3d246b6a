import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, parseInstant } from '#contracts'
import { readInstant, readTimeValue, type TimeFormat, timeReader } from './times.ts'

const said = (text: string, format?: TimeFormat): string | undefined => {
  const at = timeReader(format)(text)
  return at === undefined ? undefined : formatInstant(at)
}

describe('a time told apart by its form', () => {
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
    ['-121072878', '1966-03-01T16:38:42.000Z'],
    ['1541105830796', '2018-11-01T20:57:10.796Z'],
    ['1540919166796.0', '2018-10-30T17:06:06.796Z'],
    ['915148800', '1999-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(said(text)).toBe(expected))

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
    '2026-01-01T10:00:00 Z',
    '1e12',
    '0x7fffffff',
    '99999999999999999999',
    'NaN',
    '2026-01-01T',
    '1210728789,5',
    '--21072878',
  ])('%p is none', (text) => expect(said(text)).toBeUndefined())
})

describe('a forced format', () => {
  it('takes its own form alone', () => {
    expect(said('19970101', 'compact')).toBe('1997-01-01T00:00:00.000Z')
    expect(said('19970101', 'seconds')).toBe('1970-08-20T03:15:01.000Z')
    expect(said('86400', 'seconds')).toBe('1970-01-02T00:00:00.000Z')
    expect(said('915148800000', 'seconds')).toBeUndefined()
    expect(said('915148800', 'millis')).toBe('1970-01-11T14:12:28.800Z')
    expect(said('-1.5', 'seconds')).toBe('1969-12-31T23:59:58.500Z')
    expect(said('-0.0001', 'seconds')).toBe('1969-12-31T23:59:59.999Z')
    expect(said('1997-01-01', 'date')).toBe('1997-01-01T00:00:00.000Z')
    expect(said('1997-01-01', 'iso')).toBe('1997-01-01T00:00:00.000Z')
    expect(said('1997-01-01T00:00:00Z', 'date')).toBeUndefined()
    expect(said('1997-01-01', 'compact')).toBeUndefined()
    expect(said('19970101', 'date')).toBeUndefined()
    expect(said('1997-01-01', 'millis')).toBeUndefined()
  })
})

describe('any instant', () => {
  const instants = fc.integer({ min: INSTANT_MIN, max: INSTANT_MAX })

  it('is read back from every form that can write it', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const text = formatInstant(at)
        expect(timeReader()(text)).toBe(at)
        expect(timeReader()(text.slice(0, -1).replace('T', ' '))).toBe(at)
        expect(timeReader('millis')(String(at))).toBe(at)
        expect(timeReader('seconds')((at / 1000).toFixed(3))).toBe(at)
        const midnight = Math.floor(at / 86_400_000) * 86_400_000
        if (midnight < INSTANT_MIN) return
        expect(timeReader()(text.slice(0, 10))).toBe(midnight)
        expect(timeReader('compact')(text.slice(0, 10).replaceAll('-', ''))).toBe(midnight)
      }),
    )
  })

  it('with a zone is read as the contracts read it, whatever the text', () => {
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
