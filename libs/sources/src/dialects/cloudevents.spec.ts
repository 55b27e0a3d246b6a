import { describe, expect, it } from '@jest/globals'
import { binaryCloudEvent, cloudEventsMode, readCloudEvents } from './cloudevents.ts'

const arrival = Date.UTC(2026, 10, 22, 10, 0)
const play = {
  specversion: '1.0',
  id: 'e1',
  source: '/player',
  type: 'com.example.play',
  subject: 'u1',
  time: '2026-01-02T03:04:05.678Z',
  data: { song: 's1' },
}
const readOne = (event: unknown) => readCloudEvents(event, 'structured', arrival)

describe('a CloudEvent', () => {
  it('becomes an event: type its name, subject its actor, data its properties; source and id together are its id', () => {
    expect(readOne({ ...play, traceparent: '00-1-2-01' })).toEqual({
      refused: [],
      events: [
        {
          id: '/player#e1',
          type: 'track',
          event: 'com.example.play',
          actor: { type: 'user', id: 'u1' },
          time: '2026-01-02T03:04:05.678Z',
          receivedAt: '2026-11-22T10:00:00.000Z',
          properties: { song: 's1' },
          context: { cloudEvent: { source: '/player', traceparent: '00-1-2-01' } },
        },
      ],
    })
  })

  it('is read the same from headers and from a body', () => {
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'e1',
      'ce-source': '/player',
      'ce-type': 'com.example.play',
      'ce-subject': 'u1',
      'ce-time': '2026-01-02T03:04:05.678Z',
    }
    expect(readCloudEvents(binaryCloudEvent(headers, { song: 's1' }), 'binary', arrival)).toEqual(readOne(play))
  })

  it('has its headers decoded; a request with a header that cannot be decoded is refused', () => {
    expect(binaryCloudEvent({ 'ce-subject': 'J%C3%BCrgen' }, undefined)).toEqual({ subject: 'Jürgen' })
    expect(binaryCloudEvent({ 'ce-subject': '"the \\"%F0%9F%8E%B5\\" of u1"', 'ce-data': 'x' }, 1)).toEqual({ subject: 'the "🎵" of u1', data: 1 })
    expect(() => binaryCloudEvent({ 'ce-subject': '%ff' }, undefined)).toThrow(expect.objectContaining({ code: 'RONDO_BODY_INVALID' }))
  })

  it('gets its arrival as its time if it has none, and data that is not an object as the property data', () => {
    const rest = { ...play, time: undefined, data: undefined }
    expect(readOne({ ...rest, data: [1] }).events).toMatchObject([{ time: '2026-11-22T10:00:00.000Z', properties: { data: [1] } }])
    expect(readOne({ ...rest, data_base64: 'AAE=' }).events).toMatchObject([{ properties: { data_base64: 'AAE=' } }])
  })

  it.each([
    [{ ...play, specversion: '0.3' }, 'specversion: expected 1.0, found "0.3"'],
    [{ ...play, id: '' }, 'id: expected a text that is not empty'],
    [{ ...play, source: undefined }, 'source: expected a text that is not empty'],
    [{ ...play, subject: undefined }, 'subject: expected the id of the actor'],
    [{ ...play, id: 'x'.repeat(300) }, 'source and id: expected an id of at most 256 bytes of UTF-8'],
    [{ ...play, time: 17 }, expect.stringContaining('time')],
    ['text', 'expected an object'],
  ])('%j is refused', (event, reason) => {
    expect(readOne(event).refused).toMatchObject([{ index: 0, code: 'RONDO_EVENT_INVALID', reason }])
  })

  it('gets a short id, which differs by source, if the name of its source is long', () => {
    const idOf = (source: string) => readOne({ ...play, source }).events[0]?.id
    expect(idOf(`/${'a'.repeat(300)}`)).toMatch(/^[\w-]{43}#e1$/)
    expect(idOf(`/${'a'.repeat(300)}`)).not.toBe(idOf(`/${'b'.repeat(300)}`))
  })

  it('may be refused without the others of its batch', () => {
    const { events, refused } = readCloudEvents([play, 1, { ...play, id: 'e2' }], 'batch', arrival)
    expect(events.map(({ id }) => id)).toEqual(['/player#e1', '/player#e2'])
    expect(refused).toMatchObject([{ index: 1 }])
    expect(() => readCloudEvents({}, 'batch', arrival)).toThrow(expect.objectContaining({ code: 'RONDO_BODY_INVALID' }))
  })
})

it('the content type of a request gives the content mode of its CloudEvents', () => {
  expect(cloudEventsMode('application/cloudevents+json; charset=utf-8')).toBe('structured')
  expect(cloudEventsMode('application/cloudevents-batch+json')).toBe('batch')
  expect(cloudEventsMode('application/json')).toBe('binary')
  expect(cloudEventsMode(undefined)).toBe('binary')
})
