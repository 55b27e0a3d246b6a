import { describe, expect, it } from '@jest/globals'
import { formatDefect, formatPath } from './defect.ts'
import { createReport, type Report } from './report.ts'

/** A report on a text with lines of ten characters. The only step of a path is its offset; a key is one character before its value. */
function reportOf(): Report {
  return createReport('a.yaml', {
    offsetOf: ([step], at) => Number(step) - (at === 'key' ? 1 : 0),
    position: (offset) => ({ line: Math.floor(offset / 10) + 1, column: (offset % 10) + 1 }),
  })
}
const lines = (report: Report): string[] => report.defects().map(formatDefect)

describe('a report', () => {
  it('gives the defects in the order of the text, each once', () => {
    const report = reportOf()
    report.warning([25], 'second in its line')
    report.warning([25], 'of the key', 'key')
    report.errorAt(24, 'at the same place')
    report.warningAt(3, 'first')
    report.error([25], 'of the value')
    report.error([25], 'of the value')
    expect(lines(report)).toEqual([
      'a.yaml:1:4: warning: first',
      'a.yaml:3:5: warning: of the key',
      'a.yaml:3:5: error: at the same place',
      'a.yaml:3:6: warning: second in its line',
      'a.yaml:3:6: error: of the value',
    ])
    expect(report.defects().map(({ path }) => path)).toEqual(['', '[25]', '', '[25]', '[25]'])
  })

  it('gives 1000 defects and the number of the others', () => {
    const report = reportOf()
    for (let n = 0; n < 1000; n++) report.warningAt(n, `w${n}`)
    expect(report.defects()).toHaveLength(1000)
    expect(report.defects().at(-1)?.message).toBe('w999')
    report.warningAt(1000, 'w1000')
    report.warningAt(1001, 'w1001')
    expect(report.defects()).toHaveLength(1001)
    expect(lines(report).slice(-2)).toEqual([
      'a.yaml:100:10: warning: w999',
      'a.yaml:100:10: warning: and 2 more defects; correct the first ones and check again',
    ])
  })

  it('leaves out warnings before it leaves out an error', () => {
    const report = reportOf()
    for (let n = 0; n < 1000; n++) report.warningAt(n, `w${n}`)
    report.errorAt(2000, 'an error behind them')
    expect(lines(report)).toEqual([
      'a.yaml:201:1: error: an error behind them',
      'a.yaml:201:1: error: and 1000 more defects; correct the first ones and check again',
    ])
  })
})

describe('a path', () => {
  it('is written as in code', () => {
    expect(formatPath([])).toBe('')
    expect(formatPath(['stages', 0, 'absence'])).toBe('stages[0].absence')
    expect(formatPath(['signals', 'a-b', 'where', 'properties.total', 'gt'])).toBe('signals.a-b.where["properties.total"].gt')
    expect(formatPath(['.a', 'b'])).toBe('[".a"].b')
    expect(formatPath([0, ''])).toBe('[0][""]')
  })
})
