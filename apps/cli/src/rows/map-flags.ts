import { plainExpectation, type Reference, type SourceMapping, sourceMappingSchema } from '#contracts'
import { suggestion } from '#cycle'
import type { LineMapping } from '#sources'
import type { ArgumentDefects } from '../argument-defects.ts'
import { checkTimes } from './csv-flags.ts'
import type { RowFlags } from './row-flags.ts'

const PARTS: readonly string[] = [...Object.keys(sourceMappingSchema.shape), 'recorded']

/** The paths of the parts of an event in NDJSON of another system; undefined if no mapping is given, or if it has a defect. */
export function readLineMapping(flags: RowFlags, defects: ArgumentDefects): LineMapping | undefined {
  if (flags.map === undefined) return undefined
  if (flags.csv === true) return defects.add('--map is for NDJSON; in CSV the columns say what is what: --actor, --time and so on.')
  const parts = readParts(flags.map, defects)
  if (parts.has('event') && flags.event !== undefined) defects.add('--event and --map event=PATH exclude each other.')
  if (flags.event !== undefined) parts.set('event', { text: flags.event })
  if (flags.asRecorded === true && !parts.has('recorded')) defects.add('--as-recorded needs --map recorded=PATH: what says when a row was recorded.')
  checkTimes(flags, defects)
  const { recorded, ...map } = Object.fromEntries(parts)
  const time = checked({ time: recorded }, defects)?.time
  return { ...checked(map, defects), recorded: time, timeFormat: flags.timeFormat, timezone: flags.timezone }
}

function checked(map: object, defects: ArgumentDefects): SourceMapping | undefined {
  const { data, error } = sourceMappingSchema.safeParse(map, { error: plainExpectation })
  for (const { path, message } of error?.issues ?? []) defects.add(`--map ${path.join('.')}: ${message.replace(/\.$/, '')}.`)
  return data
}

/** A path, or a list or an object as JSON, as in the file of sources. */
function readParts(words: readonly string[], defects: ArgumentDefects): Map<string, unknown> {
  const parts = new Map<string, unknown>()
  for (const word of words) {
    const [, part, given] = /^(\w+)=(.+)$/s.exec(word) ?? []
    const reference = given === undefined ? undefined : readReference(given)
    if (part === undefined) defects.add(`--map: expected PART=PATH, such as actor=user.id, found ${JSON.stringify(word)}.`)
    else if (!PARTS.includes(part)) defects.add(`--map: there is no part ${JSON.stringify(part)}${suggestion(part, PARTS, 'parts')}.`)
    else if (reference === undefined)
      defects.add(`--map ${part}: expected a path, or a list or an object as JSON, such as '["at","created"]', found ${JSON.stringify(given)}.`)
    else if (parts.has(part)) defects.add(`--map: ${part} is given twice.`)
    else parts.set(part, reference)
  }
  return parts
}

function readReference(text: string): Reference | undefined {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as Reference
  } catch {
    return undefined
  }
}
