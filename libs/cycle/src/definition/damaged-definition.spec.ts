import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cycleDefinitionSchema } from '#contracts'
import { readDefinition } from './read-definition.ts'

const CYCLES = new URL('../../../../test/fixtures/cycles/', import.meta.url)
const texts = readdirSync(CYCLES)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, CYCLES), 'utf8'))

/** One mistake of an author: its place in the text, its kind, and the text that is inserted. */
type Mistake = readonly [place: number, kind: 'delete line' | 'double line' | 'rename key' | 'replace value' | 'delete text' | 'insert text', text: string]

const mistakeArb: fc.Arbitrary<Mistake> = fc.tuple(
  fc.nat(),
  fc.constantFrom('delete line', 'double line', 'rename key', 'replace value', 'delete text', 'insert text'),
  fc.oneof(
    fc.constantFrom(
      '',
      'null',
      '0',
      '-1',
      '1e400',
      '.nan',
      '[]',
      '{}',
      '[a, [b]]',
      '{ a: 1 }',
      'any',
      'start',
      'previous',
      'active',
      '0d',
      '"',
      '*a',
      '&a',
      '<<',
      '? x',
      '!!int x',
      '- ',
      '\t',
      '\r\n',
      '---\n',
      '\u0000',
      'properties.',
      '__proto__',
    ),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
)

function damage(text: string, [place, kind, inserted]: Mistake): string {
  const lines = text.split('\n')
  const line = place % lines.length
  if (kind === 'delete line') return lines.toSpliced(line, 1).join('\n')
  if (kind === 'double line') return lines.toSpliced(line, 0, lines[line] ?? '').join('\n')
  if (kind === 'rename key') return replaceNth(text, /[\w.-]+(?=:)/g, place, inserted)
  if (kind === 'replace value') return replaceNth(text, /(?<=: )[^,{}[\]\n]+/g, place, inserted)
  const at = place % (text.length + 1)
  return text.slice(0, at) + (kind === 'insert text' ? inserted : '') + text.slice(kind === 'insert text' ? at : at + 3)
}

function replaceNth(text: string, pattern: RegExp, nth: number, inserted: string): string {
  const found = [...text.matchAll(pattern)]
  const match = found[nth % Math.max(1, found.length)]
  return match === undefined ? text : text.slice(0, match.index) + inserted + text.slice(match.index + match[0].length)
}

describe('a definition with random mistakes', () => {
  it('is either valid or has defects with places inside the file', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(mistakeArb, { minLength: 1, maxLength: 4 }), (valid, mistakes) => {
        const text = mistakes.reduce(damage, valid)
        const { definition, defects } = readDefinition(text, 'a.yaml')
        const lines = text.split('\n')
        for (const { line, column, message } of defects) {
          expect(message).not.toMatch(/undefined|\[object|Invalid input/)
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(column).toBeGreaterThanOrEqual(1)
          // A defect after the last letter of a line means that the text there is incomplete.
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
        }
        expect(definition === undefined).toBe(defects.some((defect) => defect.severity === 'error'))
        if (definition !== undefined) expect(cycleDefinitionSchema.parse(definition)).toEqual(definition)
      }),
      { numRuns: 300 },
    )
  })

  it('has defects and never throws for any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '*', '&', '!', '|', '>', '"', "'", '?', '\t', '\r', '#', '%'),
          maxLength: 60,
        }),
        (text) => {
          expect(readDefinition(text, 'a.yaml').defects.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
