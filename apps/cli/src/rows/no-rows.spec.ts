import { describe, expect, it } from '@jest/globals'
import { describeNoRows } from './no-rows.ts'

const messages = (read: number, refused: number, leftOut: Partial<Record<'from' | 'to' | 'where', number>> = {}): string =>
  describeNoRows({ read, refused, leftOut: { from: 0, to: 0, where: 0, ...leftOut } }, 'nothing was folded').join('\n')

describe('an input of which no row is used', () => {
  it.each([
    [messages(0, 0), 'The input has no rows, so that nothing was folded. Is it the right file?'],
    [messages(2, 2), 'All 2 rows were refused, so that nothing was folded; the reasons are named above.'],
    [messages(1, 1), 'The only row was refused, so that nothing was folded; the reasons are named above.'],
    [messages(3, 0, { from: 3 }), 'All 3 rows were left out by --from, so that nothing was folded. Compare --from with the times of the rows.'],
    [
      messages(1, 0, { where: 1 }),
      'The only row was left out by --where, so that nothing was folded. --where compares the exact text of a field, with blanks and case.',
    ],
    [
      messages(6, 1, { from: 2, to: 2, where: 1 }),
      'No row took part, so that nothing was folded: 1 refused, for the reasons named above, 2 left out by --from, 2 left out by --to, 1 left out by --where. Compare --from and --to with the times of the rows; --where compares the exact text of a field, with blanks and case.',
    ],
  ])('is reported, with the likely cause (%#)', (text, expected) => expect(text).toBe(expected))

  it('is not reported if a row was used', () => expect([messages(3, 2), messages(1, 0), messages(4, 1, { to: 2 })]).toEqual(['', '', '']))
})
