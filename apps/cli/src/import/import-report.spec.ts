import { describe, expect, it } from '@jest/globals'
import { importSummary } from './import-report.ts'

const [first, last] = [Date.UTC(2016, 0, 1), Date.UTC(2017, 0, 1)]
const rows = { read: 2, refused: 0, leftOut: { from: 0, to: 0, where: 0 } }
const messages = (foldedAt: number | null | undefined) =>
  importSummary(
    { rows, refusedLater: 0, all: 2, before: 0, isRepeated: false, shiftMs: 0, span: { first, last }, foldedAt, remarks: [] },
    { input: 'f', target: 't' },
    10,
  )

describe('the report of an import', () => {
  it.each([
    [null, 'the fold has not begun.'],
    [last - 1, 'the fold is at 2016-12-31T23:59:59.999Z.'],
  ])('says that counts are still catching up if the fold has not reached the last row (fold at %p)', (foldedAt, where) => {
    expect(messages(foldedAt)).toContain(`Counts are still catching up: all events are in the log, and ${where}`)
  })

  it.each([undefined, last, last + 1])('does not mention the fold if it has reached the last row (fold at %p)', (foldedAt) => {
    expect(messages(foldedAt)).not.toContain('catching up')
  })

  it('gives the reason when no row was imported', () => {
    const none = { ...{ refusedLater: 0, all: 0, before: 0, isRepeated: false, shiftMs: 0, span: undefined, foldedAt: undefined, remarks: [] } }
    const leftOut = importSummary({ ...none, rows: { read: 2, refused: 0, leftOut: { from: 2, to: 0, where: 0 } } }, { input: 'f', target: 't' }, 10)
    expect(leftOut).toContain('All 2 rows were left out by --from, so that this import put no event into the log. Compare --from')
    const future = { ...none, refusedLater: 1, all: 1, rows: { read: 1, refused: 0, leftOut: { from: 0, to: 0, where: 0 } } }
    expect(importSummary(future, { input: 'f', target: 't' }, 10)).toContain('The only row was refused, so that this import put no event into the log')
    expect(messages(null)).not.toContain('put no event')
  })
})
