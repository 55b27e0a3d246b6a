import { describe, expect, it } from '@jest/globals'
import { describeNoRows } from './no-rows.ts'

const messages = ({
  read,
  refused = 0,
  leftOut = {},
}: {
  read: number
  refused?: number
  leftOut?: Partial<Record<'from' | 'to' | 'where', number>>
}): string => describeNoRows({ read, refused, leftOut: { from: 0, to: 0, where: 0, ...leftOut } }, 'nothing was folded').join('\n')

describe('an input of which no row is used', () => {
  it.each([
    [messages({ read: 0 }), 'The input has no rows, so that nothing was folded. Is it the right file?'],
    [messages({ read: 2, refused: 2 }), 'All 2 rows were refused, so that nothing was folded; the reasons are named above.'],
    [messages({ read: 1, refused: 1 }), 'The only row was refused, so that nothing was folded; the reasons are named above.'],
    [messages({ read: 3, leftOut: { from: 3 } }), 'All 3 rows were left out by --from, so that nothing was folded. Compare --from with the times of the rows.'],
    [
      messages({ read: 1, leftOut: { where: 1 } }),
      'The only row was left out by --where, so that nothing was folded. --where compares the exact text of a field, with blanks and case.',
    ],
    [
      messages({ read: 6, refused: 1, leftOut: { from: 2, to: 2, where: 1 } }),
      'No row took part, so that nothing was folded: 1 refused, for the reasons named above, 2 left out by --from, 2 left out by --to, 1 left out by --where. Compare --from and --to with the times of the rows; --where compares the exact text of a field, with blanks and case.',
    ],
  ])('is reported, with the likely cause (%#)', (text, expected) => expect(text).toBe(expected))

  it('is not reported if a row was used', () =>
    expect([messages({ read: 3, refused: 2 }), messages({ read: 1 }), messages({ read: 4, refused: 1, leftOut: { to: 2 } })]).toEqual(['', '', '']))
})
