import { z } from 'zod'
import { durationSchema } from './duration.ts'
import { namesSchema } from './name.ts'

const path = z.string().min(1)
const anywhere = {
  since: z.enum(['stage', 'return']).optional(),
  title: z.string().optional(),
}
const windowed = {
  within: durationSchema.optional().meta({ description: 'sliding window' }),
  buckets: durationSchema
    .optional()
    .meta({ description: "the length of the window's buckets, in UTC; default: 1m for windows up to 1h, 1h up to 48h, local days for longer ones" }),
  ...anywhere,
}

/**
 * The kinds of measures: the keys of each, and its value. To add a kind, write a line here and a file in libs/cycle/src/measures/kinds.
 * The schema, the keys of the checks, and the table of rule 18 in docs/reference/semantics.md (`npm run schemas`) are made from the line.
 */
export const measureKinds = {
  count: { schema: z.strictObject({ count: namesSchema, ...windowed }), value: 'number of events' },
  sum: {
    schema: z.strictObject({ sum: namesSchema, of: path, ...windowed }),
    value:
      'sum of the numbers at a path; 0 while there is none. Each is kept as an integer of 10⁻⁶ of its shortest decimal form, half away from zero, so sums are exact; `when` and evidence see the nearest double. Other values, and those beyond ±9·10⁹, are skipped and counted',
  },
  average: {
    schema: z.strictObject({ average: namesSchema, of: path, ...windowed }),
    value: 'the sum of these numbers divided by how many they are, rounded to 10⁻⁶, half away from zero. Missing while there is none',
  },
  min: { schema: z.strictObject({ min: namesSchema, of: path, ...windowed }), value: 'the smallest of these numbers. Missing while there is none' },
  max: { schema: z.strictObject({ max: namesSchema, of: path, ...windowed }), value: 'the largest of these numbers. Missing while there is none' },
  days: { schema: z.strictObject({ days: namesSchema, ...windowed }), value: 'distinct local days with an event' },
  distinct: {
    schema: z.strictObject({ distinct: namesSchema, by: path, cap: z.int().min(1).max(4096).optional(), ...windowed }),
    value:
      'distinct values at a path: strings, numbers and booleans, distinguished by JSON type and value. At every moment min(cap, number); `cap` is 64 unless given',
  },
  gauge: {
    schema: z.strictObject({ gauge: namesSchema, minus: namesSchema, ...anywhere }),
    value: 'ups minus downs. Up comes before down within one event, and the value never goes below 0',
  },
  last: {
    schema: z.strictObject({ last: namesSchema, of: path, ...anywhere }),
    value:
      'the value at a path of the last event that has one there. Any JSON value but null; only `exists` and `ne` hold for an object or a list. Missing while there is none',
  },
} as const
export type MeasureKindName = keyof typeof measureKinds

/** The names of all kinds of measures. */
export const measureKindNames = Object.keys(measureKinds) as readonly MeasureKindName[]

/** A measure of any kind. */
export const measureSchema = z.union(Object.values(measureKinds).map(({ schema }) => schema))
export type MeasureDefinition = z.infer<typeof measureSchema>

/** All keys of the members of a union. */
type KeyOf<Union> = Union extends unknown ? keyof Union : never
/** The type of a key in the members of a union that have it. */
type ValueOf<Union, Key> = Union extends unknown ? (Key extends keyof Union ? Exclude<Union[Key], undefined> : never) : never
/** Every key that a measure of any kind may have. */
export type MeasureFields = { readonly [Key in KeyOf<MeasureDefinition>]: ValueOf<MeasureDefinition, Key> }

function keysOf(part: z.ZodType): readonly (keyof MeasureFields)[] {
  const fields = Object.values(measureKinds).flatMap(({ schema }) => Object.entries(schema.shape) as [keyof MeasureFields, unknown][])
  return [...new Set(fields.flatMap(([key, field]) => (field === part ? [key] : [])))]
}

/** The keys of a measure whose values are signals: the key of its kind, and `minus`. */
export const measureSignalKeys = keysOf(namesSchema)
/** The keys of a measure whose values are paths in an event. */
export const measurePathKeys = keysOf(path)

/** The texts that a measure has as values of some of its keys. */
function textsAt(definition: MeasureDefinition, keys: readonly (keyof MeasureFields)[]): readonly string[] {
  const entries = Object.entries(definition) as [keyof MeasureFields, string | readonly string[]][]
  return entries.flatMap(([key, value]) => (keys.includes(key) ? value : []))
}

/** The kind of a measure: the only key of a kind that its definition has. */
export function measureKindOf(definition: MeasureDefinition): MeasureKindName {
  return measureKindNames.find((name) => Object.hasOwn(definition, name)) as MeasureKindName
}

/** Every signal that a measure names. */
export function measureSignalsOf(definition: MeasureDefinition): readonly string[] {
  return textsAt(definition, measureSignalKeys)
}

/** The path that a measure reads in an event; undefined if its kind reads no path. */
export function measurePathOf(definition: MeasureDefinition): string | undefined {
  return textsAt(definition, measurePathKeys)[0]
}
