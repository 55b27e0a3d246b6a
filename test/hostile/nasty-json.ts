import fc from 'fast-check'

/** A JSON text, and what of it must be stored. */
export interface NastyJson {
  readonly text: string
  /** The same with each number beyond 2^53 as its exact text: its JSON.parse is what must be stored. */
  readonly stored: string
  /** Whether it has a number that no double can hold. */
  readonly isEndless: boolean
}

const kept = (text: string, stored = text): NastyJson => ({ text, stored, isEndless: false })
const endless = (text: string): NastyJson => ({ text, stored: 'null', isEndless: true })

/** 1.7976931348623157e308, the largest double. */
const LARGEST = `17976931348623157${'0'.repeat(292)}`

const numbers = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom('0', '0.1', '1e2', '1E-7', '5e-324', '123.456', '-0.5', '9007199254740991', '-9007199254740991').map((text) => kept(text)),
  },
  {
    weight: 10,
    arbitrary: fc.constantFrom(
      kept('-0', '0'),
      kept('1e-400', '0'),
      kept('9007199254740993', '"9007199254740993"'),
      kept('-9007199254740992', '"-9007199254740992"'),
      kept('1e20', '"100000000000000000000"'),
      kept('1.7976931348623157e308', `"${LARGEST}"`),
      kept('7'.repeat(400), `"${'7'.repeat(400)}"`),
      kept('9007199254740993.50', '"9007199254740993.5"'),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('1e400', '-1e400', '1e999999999').map(endless) },
)

/** Texts as JSON, some as escapes that JSON.stringify would not write. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\/\\b\\f"',
    '"\u2028\u2029"',
    '"\ufeff"',
    '"\u007f"',
    '"\u{10ffff}"',
    '"__proto__"',
    '"</script>"',
  ),
)

const keys = fc.oneof(
  fc.constantFrom(
    ...['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'hasOwnProperty', 'length', '', '0', 'a.b', '$set', 'record'].map((key) =>
      JSON.stringify(key),
    ),
  ),
  fc.constantFrom('"\\u005f_proto__"', '"\\u0000"', '"\\ud800"', '"a"'),
  texts,
)

function joined(open: string, parts: readonly NastyJson[], close: string): NastyJson {
  const of = (read: (part: NastyJson) => string): string => `${open}${parts.map(read).join(',')}${close}`
  return { text: of(({ text }) => text), stored: of(({ stored }) => stored), isEndless: parts.some(({ isEndless }) => isEndless) }
}

/** Values of up to 5 levels; keys of an object may come twice. */
export const nastyJson: fc.Arbitrary<NastyJson> = fc.letrec<{ value: NastyJson }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('true', 'false', 'null').map((text) => kept(text)),
    numbers,
    texts.map((text) => kept(text)),
    fc.array(tie('value'), { maxLength: 4 }).map((parts) => joined('[', parts, ']')),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map((entries) =>
      joined(
        '{',
        entries.map(([key, value]) => ({ ...value, text: `${key} :\t${value.text}`, stored: `${key}:${value.stored}` })),
        '}',
      ),
    ),
  ),
})).value

/** A value inside many levels. */
export function nested(value: NastyJson, levels: number): NastyJson {
  const within = (text: string): string => `${'['.repeat(levels)}${text}${']'.repeat(levels)}`
  return { ...value, text: within(value.text), stored: within(value.stored) }
}
