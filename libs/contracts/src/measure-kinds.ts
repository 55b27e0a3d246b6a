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
  buckets: durationSchema.optional().meta({ description: 'what the window moves by, cut in UTC; default 1m up to 1h, 1h up to 48h, local days above' }),
  ...anywhere,
}

/**
 * The kinds of measures: how each is written, and what its value is. A line here and a file in libs/cycle/src/measures/kinds make a kind;
 * the schema, the checks, the compiled cycle and docs/reference/measures.md follow from them.
 */
export const measureKinds = {
  count: { schema: z.strictObject({ count: namesSchema, ...windowed }), value: 'how many events' },
  sum: { schema: z.strictObject({ sum: namesSchema, of: path, ...windowed }), value: 'the numbers at the path, added up; 0 while there is none' },
  average: { schema: z.strictObject({ average: namesSchema, of: path, ...windowed }), value: 'their sum divided by how many they are' },
  min: { schema: z.strictObject({ min: namesSchema, of: path, ...windowed }), value: 'the smallest of the numbers at the path' },
  max: { schema: z.strictObject({ max: namesSchema, of: path, ...windowed }), value: 'the largest of the numbers at the path' },
  days: { schema: z.strictObject({ days: namesSchema, ...windowed }), value: 'on how many local days there was an event' },
  distinct: {
    schema: z.strictObject({ distinct: namesSchema, by: path, cap: z.int().min(1).max(4096).optional(), ...windowed }),
    value: 'how many different texts, numbers, true and false stand at the path; at most `cap` (64)',
  },
  gauge: { schema: z.strictObject({ gauge: namesSchema, minus: namesSchema, ...anywhere }), value: 'events of `gauge` less those of `minus`, never below 0' },
  last: { schema: z.strictObject({ last: namesSchema, of: path, ...anywhere }), value: 'the newest value at the path, of any type' },
} as const
export type MeasureKindName = keyof typeof measureKinds

export const measureKindNames = Object.keys(measureKinds) as readonly MeasureKindName[]

export const measureSchema = z.union(Object.values(measureKinds).map(({ schema }) => schema))
export type MeasureDefinition = z.infer<typeof measureSchema>

type KeyOf<Union> = Union extends unknown ? keyof Union : never
type ValueOf<Union, Key> = Union extends unknown ? (Key extends keyof Union ? Exclude<Union[Key], undefined> : never) : never
/** Every key that a measure of any kind may have. */
export type MeasureFields = { readonly [Key in KeyOf<MeasureDefinition>]: ValueOf<MeasureDefinition, Key> }

function keysOf(part: z.ZodType): readonly (keyof MeasureFields)[] {
  const fields = Object.values(measureKinds).flatMap(({ schema }) => Object.entries(schema.shape) as [keyof MeasureFields, unknown][])
  return [...new Set(fields.flatMap(([key, field]) => (field === part ? [key] : [])))]
}

/** Keys under which a measure names signals: that of its kind, and `minus`. */
export const measureSignalKeys = keysOf(namesSchema)
/** Keys under which a measure names what it reads of an event. */
export const measurePathKeys = keysOf(path)

/** Texts that a measure holds under some of its keys. */
function textsAt(definition: MeasureDefinition, keys: readonly (keyof MeasureFields)[]): readonly string[] {
  const entries = Object.entries(definition) as [keyof MeasureFields, string | readonly string[]][]
  return entries.flatMap(([key, value]) => (keys.includes(key) ? value : []))
}

export function measureKindOf(definition: MeasureDefinition): MeasureKindName {
  return measureKindNames.find((name) => Object.hasOwn(definition, name)) as MeasureKindName
}

/** Every signal that a measure names. */
export function measureSignalsOf(definition: MeasureDefinition): readonly string[] {
  return textsAt(definition, measureSignalKeys)
}

/** The path that a measure reads of an event; undefined where its kind reads none. */
export function measurePathOf(definition: MeasureDefinition): string | undefined {
  return textsAt(definition, measurePathKeys)[0]
}
