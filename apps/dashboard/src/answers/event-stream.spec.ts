import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { StreamReader } from './event-stream.ts'

const TEXT = [
  ': hello',
  '',
  'event: counts',
  'data: {"total":1}',
  '',
  'id: 7',
  'event: output',
  'data: {"a":',
  'data: 1}',
  '',
  'data:x',
  '',
  'event: unfinished',
  '',
].join('\n')
const MESSAGES = [
  { event: 'counts', id: undefined, data: '{"total":1}' },
  { event: 'output', id: '7', data: '{"a":\n1}' },
  { event: 'message', id: undefined, data: 'x' },
]

describe('a stream of server-sent events', () => {
  it('gives its complete messages, without comments', () => {
    expect(new StreamReader().read(TEXT)).toEqual(MESSAGES)
  })

  it('gives the same messages wherever it is cut, and with every form of line break', () => {
    const cuts = fc.array(fc.nat(TEXT.length + 20), { maxLength: 8 })
    fc.assert(
      fc.property(cuts, fc.constantFrom('\n', '\r\n'), (places, lineBreak) => {
        const text = TEXT.replaceAll('\n', lineBreak)
        const reader = new StreamReader()
        const ends = [...places.sort((a, b) => a - b), text.length]
        const messages = ends.flatMap((end, at) => reader.read(text.slice(at === 0 ? 0 : ends[at - 1], end)))
        expect(messages).toEqual(MESSAGES)
      }),
    )
  })
})
