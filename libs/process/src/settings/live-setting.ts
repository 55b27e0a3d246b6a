import type { z } from 'zod'

const liveSettings = new WeakSet<z.ZodType>()

/** Marks a setting that may change while an app runs: a reload gives it its new value. To be called last, since each method of a schema makes another schema. */
export function live<Schema extends z.ZodType>(schema: Schema): Schema {
  liveSettings.add(schema)
  return schema
}

/** Whether a setting may change while an app runs; the others need a restart. */
export const isLive = (schema: z.ZodType | undefined): boolean => schema !== undefined && liveSettings.has(schema)
