import { expect, it } from '@jest/globals'
import { outcomesText, usageText } from './refused-text.ts'

const outcomes = { samples: [], reasons: [], next: '0', more: false }

it('counts of outcomes agree with their verbs', () => {
  const one = { ...outcomes, tried: 4, accepted: 1, late: 1, copies: 1, refused: 1 }
  const two = { ...outcomes, tried: 8, accepted: 2, late: 2, copies: 2, refused: 2 }
  expect([one, two].map((report) => outcomesText(report, { isDone: true }))).toEqual([
    'Of 4: 1 was accepted, 1 is late, 1 is a copy of these, 1 was refused again.\n',
    'Of 8: 2 were accepted, 2 are late, 2 are copies of these, 2 were refused again.\n',
  ])
  expect(outcomesText(one, { isDone: false })).toBe('Of 4: 1 would be accepted, 1 would be late, 1 would be a copy of these, 1 would be refused again.\n')
})

it('what is kept agrees with its verb', () => {
  const limits = { bytes: null, bytesMax: null, ageMsMax: null, dropped: { records: 0, lastAt: null } }
  const texts = [0, 1, 2].map((records) => usageText({ ...limits, records }))
  expect(texts).toEqual(['0 are kept, of at most any number.', '1 is kept, of at most any number.', '2 are kept, of at most any number.'])
})
