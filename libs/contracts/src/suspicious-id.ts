/** Texts that programs send if an id is missing. Compared in lower case, in capitals, or with a first capital. */
const PLACEHOLDERS = [
  'null',
  'undefined',
  'nan',
  'none',
  'nil',
  'n/a',
  '(null)',
  '<null>',
  '(not set)',
  '[object object]',
  'anonymous',
  'anon',
  'guest',
  'unknown',
  'true',
  'false',
  '0',
  '-1',
  '-',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
]
/** All names that {@link suspiciousId} gives. */
export const suspiciousNames: readonly string[] = [...PLACEHOLDERS, 'blank', 'template']
const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
const byForm: ReadonlyMap<string, string> = new Map([
  ...PLACEHOLDERS.flatMap((text) => [text, text.toUpperCase(), capitalised(text)].map((form) => [form, text] as const)),
  ['NaN', 'nan'],
  ['[object Object]', '[object object]'],
])
/** The length of the longest placeholder, a UUID. */
const LENGTH_MAX = 36
/** The code of a blank. */
const BLANK = 32

/**
 * The name under which an actor id is counted as suspicious: it may be used for many people. Undefined for all others. The names are
 * a closed list, so that they may be labels of a metric. Such an id is accepted; it is only counted and shown.
 */
export function suspiciousId(id: string): string | undefined {
  const first = id.charCodeAt(0)
  if (first <= BLANK || first > 126) return id.trim() === '' ? 'blank' : undefined
  if (id.startsWith('{{') || id.startsWith('${')) return 'template'
  return id.length <= LENGTH_MAX ? byForm.get(id) : undefined
}
