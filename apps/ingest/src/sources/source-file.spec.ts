import { describe, expect, it } from '@jest/globals'
import { readSourceFile, sourcesOf } from './source-file.ts'

describe('a file of sources', () => {
  it('is YAML or JSON', () => {
    expect(sourcesOf('sources:\n  - { name: a, topic: b }\n', 'x.yaml')).toEqual(sourcesOf('{"sources": [{"name": "a", "topic": "b"}]}', 'x.json'))
    expect(sourcesOf('sources: [{ name: a, topic: b }]', 'x')).toEqual([
      { name: 'a', topic: 'b', format: 'json', idScope: 'source', start: 'beginning', retired: false },
    ])
  })

  it('is refused with all its defects at once, each with its place', () => {
    const text = 'sources:\n  - name: 1a\n    topic: b\n  - name: c\n    format: avro\n    map: { actor: a..b }\n'
    expect(() => sourcesOf(text, 'x.yaml')).toThrow(
      expect.objectContaining({
        code: 'RONDO_SOURCES_INVALID',
        message: expect.stringMatching(
          /x\.yaml:2:11: sources\.0\.name.*\nx\.yaml:4:5: sources\.1\.topic.*\nx\.yaml:5:13: sources\.1\.format.*\nx\.yaml:6:19: sources\.1\.map\.actor: expected a path/,
        ),
      }),
    )
  })

  it('accepts the known time formats only', () => {
    const named = (more: string) => sourcesOf(`sources:\n  - name: a\n    topic: b\n    ${more}\n`, 'x.yaml')
    for (const known of ['timeFormat: nanos', 'timeFormat: DD.MM.YYYY HH:mm', 'timezone: Asia/Kolkata']) expect(named(known)).toHaveLength(1)
    expect(() => named('timeFormat: roman')).toThrow(/x\.yaml:4:17: sources\.0\.timeFormat: expected one of iso, .*, or a pattern of YYYY.*, found "roman"/)
    expect(() => named('timezone: Europe/Berlni')).toThrow(
      /x\.yaml:4:15: sources\.0\.timezone: expected a time zone, such as Europe\/Berlin, found "Europe\/Berlni"/,
    )
  })

  it.each(['', 'sources: [', 'sources: 5', '- a', '{"a": 1}'])('is refused if its text is %j', (text) => {
    expect(() => sourcesOf(text, 'x')).toThrow(expect.objectContaining({ code: 'RONDO_SOURCES_INVALID' }))
  })

  it('is refused if it does not exist', () => {
    expect(() => readSourceFile('/no/such/file')).toThrow(expect.objectContaining({ code: 'RONDO_SOURCES_INVALID' }))
  })
})
