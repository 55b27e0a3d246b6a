import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { jsonBody } from './json-body.ts'

describe('a body', () => {
  it.each([
    ['gzip without its header', gzipSync('{}'), /gzip.*Content-Encoding: gzip/],
    ['Latin-1', Buffer.from('{"userId":"jürgen"}', 'latin1'), /not UTF-8/],
    ['empty', Buffer.alloc(0), /it is empty/],
    ['a broken object', Buffer.from('{a'), /not JSON/],
    ['NDJSON', Buffer.from('{"a":1}\r\n{"a":2}\n{'), /it is NDJSON, .*PUT \/v1\/backfills\/NAME\.$/],
    ['a broken object of two lines', Buffer.from('{"a":1,\n{"a":2}\n'), /not JSON: (?!it is NDJSON)/],
  ])('that is %s is refused, and the message says why', (_, body, message) => {
    expect(() => jsonBody(body)).toThrow(expect.objectContaining({ code: 'RONDO_BODY_INVALID', message: expect.stringMatching(message) }))
  })
})
