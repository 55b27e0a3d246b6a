import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { OutputFrames } from './output-frames.ts'

function newFrames(): { db: DatabaseSync; frames: OutputFrames } {
  const db = new DatabaseSync(':memory:')
  db.exec(OutputFrames.schema)
  return { db, frames: new OutputFrames(db, 'state.db') }
}

const json = fc.json({ maxDepth: 1 })

describe('outputs in frames', () => {
  it('are read one by one, as they were appended, in batches of any size', () => {
    const batches = fc.array(fc.oneof(fc.array(json, { maxLength: 9 }), fc.array(json, { minLength: 60, maxLength: 200 })), { maxLength: 6 })
    fc.assert(
      fc.property(batches, fc.nat(300), fc.nat(300), (appended, after, limit) => {
        const { frames } = newFrames()
        const all: { cursor: number; output: string }[] = []
        for (const outputs of appended) {
          expect(frames.append(outputs)).toBe(all.length + 1)
          for (const output of outputs) all.push({ cursor: all.length + 1, output })
        }
        expect(frames.read(after, limit)).toEqual(all.slice(after, after + limit))
        expect(frames.newest(limit)).toEqual(all.slice(Math.max(0, all.length - limit)))
        for (const { cursor, output } of all) expect(frames.at(cursor)).toBe(output)
      }),
      { numRuns: 200 },
    )
  })

  it('are compressed, 64 outputs to a frame', () => {
    const { db, frames } = newFrames()
    frames.append(Array.from({ length: 640 }, (_, seq) => JSON.stringify({ seq, kind: 'disengage', from: 'connection', to: 'disengagement' })))
    const { rows, bytes } = db.prepare('SELECT count(*) AS rows, sum(length(frame)) AS bytes FROM outputs').get() as { rows: number; bytes: number }
    // 640 outputs in frames of 64. As plain text they would have more than 40 000 bytes.
    expect(rows).toBe(640 / 64)
    expect(bytes).toBeLessThan(10_000)
  })

  it('do not include those of a batch that was rolled back', () => {
    const { db, frames } = newFrames()
    db.exec('BEGIN')
    frames.append(['"first"'])
    expect(frames.at(1)).toBe('"first"')
    db.exec('ROLLBACK')
    frames.append(['"second"'])
    expect(frames.at(1)).toBe('"second"')
  })

  // The 200 outputs are in frames that end at the cursors 64, 128, 192 and 200.
  it.each([
    ['the first is lost', 'DELETE FROM outputs WHERE "cursor" = 64', 'cursor 1 is missing'],
    ['one in the middle is lost', 'DELETE FROM outputs WHERE "cursor" = 128', 'cursor 65 is missing'],
    [
      'one has the cursor of another',
      'DELETE FROM outputs WHERE "cursor" = 128; UPDATE outputs SET "cursor" = 128 WHERE "cursor" = 192',
      'is not what was written',
    ],
    ['one has changed', 'UPDATE outputs SET frame = \'1\' WHERE "cursor" = 128', 'is not what was written'],
  ])('are refused if a frame is damaged: %s', (_, damage, message) => {
    const { db, frames } = newFrames()
    frames.append(Array.from({ length: 200 }, (__, i) => String(i)))
    db.exec(damage)
    expect(() => frames.read(0, 1000)).toThrow(expect.objectContaining({ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining(message) }))
    expect(() => [1, 65, 66, 128].map((cursor) => frames.at(cursor))).toThrow(expect.objectContaining({ code: 'RONDO_DATA_CORRUPT' }))
    expect(() => frames.at(201)).toThrow('cursor 201 is missing')
  })
})
