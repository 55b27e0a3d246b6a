import { describe, expect, it } from '@jest/globals'
import { sayImport } from './import-report.ts'

const [first, last] = [Date.UTC(2016, 0, 1), Date.UTC(2017, 0, 1)]
const rows = { read: 2, refused: 0, leftOut: { from: 0, to: 0, where: 0 } }
const said = (foldedAt: number | null | undefined) =>
  sayImport(
    { rows, refusedLater: 0, all: 2, before: 0, isRepeated: false, shiftMs: 0, span: { first, last }, foldedAt, remarks: [] },
    { input: 'f', target: 't' },
    10,
  )

describe('the report of an import', () => {
  it.each([
    [null, 'the fold has not begun.'],
    [last - 1, 'the fold is at 2016-12-31T23:59:59.999Z.'],
  ])('says that counts are catching up where they are (fold at %p)', (foldedAt, where) => {
    expect(said(foldedAt)).toContain(`Counts are still catching up: all events are in the log, and ${where}`)
  })

  it.each([undefined, last, last + 1])('and else does not (fold at %p)', (foldedAt) => {
    expect(said(foldedAt)).not.toContain('catching up')
  })
})
