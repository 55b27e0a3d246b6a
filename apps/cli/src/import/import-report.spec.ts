import { describe, expect, it } from '@jest/globals'
import { importSummary } from './import-report.ts'

const [first, last] = [Date.UTC(2016, 0, 1), Date.UTC(2017, 0, 1)]
const ELAPSED_MS = 10
const rows = { read: 2, refused: 0, leftOut: { from: 0, to: 0, where: 0 } }
/** The summary of an import of two rows. The log time of the fold is null before the fold has begun, and undefined if it is not known. */
const summaryOf = (foldedAt: number | null | undefined) =>
  importSummary(
    { rows, refusedLater: 0, all: 2, before: 0, isRepeated: false, shiftMs: 0, span: { first, last }, foldedAt, remarks: [] },
    { input: 'f', target: 't' },
    ELAPSED_MS,
  )

describe('the report of an import', () => {
  it.each([
    ['has not begun', null, 'the fold has not begun.'],
    ['is before the last row', last - 1, 'the fold is at 2016-12-31T23:59:59.999Z.'],
  ])('states that the counts are incomplete if the fold %s', (_, foldedAt, position) => {
    expect(summaryOf(foldedAt)).toContain(`Counts are still catching up: all events are in the log, and ${position}`)
  })

  it.each([
    ['its log time is not known', undefined],
    ['it is at the last row', last],
    ['it is after the last row', last + 1],
  ])('does not mention the fold if %s', (_, foldedAt) => {
    expect(summaryOf(foldedAt)).not.toContain('catching up')
  })

  it('gives the reason when no row was imported', () => {
    const none = { ...{ refusedLater: 0, all: 0, before: 0, isRepeated: false, shiftMs: 0, span: undefined, foldedAt: undefined, remarks: [] } }
    const leftOut = importSummary({ ...none, rows: { read: 2, refused: 0, leftOut: { from: 2, to: 0, where: 0 } } }, { input: 'f', target: 't' }, ELAPSED_MS)
    expect(leftOut).toContain('All 2 rows were left out by --from, so that this import put no event into the log. Compare --from')
    const future = { ...none, refusedLater: 1, all: 1, rows: { read: 1, refused: 0, leftOut: { from: 0, to: 0, where: 0 } } }
    expect(importSummary(future, { input: 'f', target: 't' }, ELAPSED_MS)).toContain('The only row was refused, so that this import put no event into the log')
    expect(summaryOf(null)).not.toContain('put no event')
  })
})
