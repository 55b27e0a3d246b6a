import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseSettings } from './settings-text.ts'

const MARK = '\uFEFF'
const valuesOf = (text: string) => parseSettings(text).settings.map(({ name, value }) => [name, value])

describe('the text of a file of settings', () => {
  it('gives the value of each line as it is written', () => {
    const text = `${MARK}# comment\r\n\n \t\nA=1\r\n\tB="a # b" \nC='say "\\n"'\nD=\nE=a=b\\c$d\nF=""`
    expect(parseSettings(text)).toMatchObject({ defects: [] })
    expect(valuesOf(text)).toEqual([
      ['A', '1'],
      ['B', 'a # b'],
      ['C', 'say "\\n"'],
      ['D', ''],
      ['E', 'a=b\\c$d'],
      ['F', ''],
    ])
  })

  it.each([
    ['a second byte order mark', `${MARK}${MARK}A=1`],
    ['a byte order mark after the first line', `\n${MARK}A=1`],
    ['export and a tab', 'export\tA=1'],
    ['export and a space', 'export A=1'],
    ['a no-break space', '\u00A0A=1'],
    ['an ideographic space', '\u3000A=1'],
    ['a vertical tab', '\vA=1'],
    ['a carriage return within the line', 'A=1\rB=2'],
    ['a line separator', 'A=1\u2028B=2'],
    ['a backtick', 'A=`x'],
    ['an open quote', 'A="x\nB=1"'],
    ['text behind a quote', 'A="x"y'],
    ['a comment behind a value', 'A=1 # one'],
    ['# in a value', 'A=pa#ss'],
    ['a space in a value', 'A=a b'],
    ['a space before the equals sign', 'A =1'],
    ['a backslash in double quotes', 'A="a\\n"'],
    ['no name', '=1'],
    ['a colon', 'A: 1'],
    ['a line of a megabyte', `A=${'x'.repeat(1_000_000)}`],
    ['a name twice', 'A=1\nA=1'],
  ])('is refused with %s', (_, text) => {
    expect(parseSettings(text).defects).not.toEqual([])
  })

  it('is refused with the numbers of all lines that are wrong', () => {
    expect(parseSettings('A=1\n?\nB=2\nA=3\nC=`').defects).toEqual([
      { line: 2, defect: expect.stringContaining('expected NAME=value') },
      { line: 4, defect: 'A is on line 1 too; take one of them out' },
      { line: 5, defect: expect.stringContaining("as in C='a b'") },
    ])
  })

  it('does not take the next line for the value of an empty one', () => {
    expect(valuesOf('RONDO_ARCHIVE= \nRONDO_KEYS=required\n')).toEqual([
      ['RONDO_ARCHIVE', ''],
      ['RONDO_KEYS', 'required'],
    ])
  })

  it('either is refused or gives each name that a reader sees at the beginning of a line', () => {
    const piece = fc.constantFrom(
      'RONDO_A',
      'RONDO_B',
      'export',
      '=',
      '"',
      "'",
      '`',
      '#',
      '\\',
      '\\n',
      ' ',
      '\t',
      '\u00A0',
      '\u3000',
      '\v',
      '\f',
      MARK,
      'x',
      '$',
      '\r',
    )
    const line = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))
    const file = fc.array(fc.oneof(line, fc.constantFrom('RONDO_KEYS=required', 'RONDO_P=pa', "RONDO_Q='a b'")), { maxLength: 6 })
    let accepted = 0
    fc.assert(
      fc.property(file, fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const { settings, defects } = parseSettings(lines.join(end))
        if (defects.length > 0) return
        accepted += 1
        // Another way to the same values: an accepted line that is no comment has one name, and its value is there, alone or in one pair of quotes.
        const expected = lines.flatMap((content, at) => {
          const shown = content.replace(at === 0 ? MARK : '', '').trim()
          if (shown === '' || shown.startsWith('#')) return []
          const [name = '', ...rest] = shown.split('=')
          const value = rest.join('=')
          const isQuoted = value.length > 1 && (value.startsWith('"') || value.startsWith("'"))
          return [{ line: at + 1, name, value: isQuoted ? value.slice(1, -1) : value }]
        })
        expect(settings).toEqual(expected)
      }),
      { numRuns: 5_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})
