import { describe, expect, it } from '@jest/globals'
import { sayNoRows } from './no-rows.ts'

const said = (read: number, refused: number, leftOut: Partial<Record<'from' | 'to' | 'where', number>> = {}): string =>
  sayNoRows({ read, refused, leftOut: { from: 0, to: 0, where: 0, ...leftOut } }, 'nothing was folded').join('\n')

describe('an input of which no row takes part', () => {
  it.each([
    [said(0, 0), 'The input holds no row, so that nothing was folded. Is it the right file?'],
    [said(2, 2), 'All 2 rows were refused, so that nothing was folded; the reasons are named above.'],
    [said(1, 1), 'The only row was refused, so that nothing was folded; the reasons are named above.'],
    [said(3, 0, { from: 3 }), 'All 3 rows were left out by --from, so that nothing was folded. Compare --from with the times of the rows.'],
    [
      said(1, 0, { where: 1 }),
      'The only row was left out by --where, so that nothing was folded. --where compares the text of a field as it stands, blanks and case included.',
    ],
    [
      said(6, 1, { from: 2, to: 2, where: 1 }),
      'No row took part, so that nothing was folded: 1 refused, for the reasons named above, 2 left out by --from, 2 left out by --to, 1 left out by --where. Compare --from and --to with the times of the rows; --where compares the text of a field as it stands, blanks and case included.',
    ],
  ])('says so, with the likely cause (%#)', (text, expected) => expect(text).toBe(expected))

  it('is not one of which a row does', () => expect([said(3, 2), said(1, 0), said(4, 1, { to: 2 })]).toEqual(['', '', '']))
})
