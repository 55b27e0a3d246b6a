import { z } from 'zod'
import { Secret } from '#runtime'

/** How a setting may come from a file: as a secret, whose file is read again at each use, or as a text that is read once, at the start. */
type FileKind = 'secret' | 'text'

const fileKinds = new WeakMap<z.ZodType, FileKind>()

/** A password or token: from its variable, or from the file that the variable with _FILE at its end names. It is no argument, since arguments are seen by all users of a machine. */
export function secret(description: string) {
  const schema = z
    .string()
    .transform((text): Secret | undefined => Secret.of(text))
    .or(z.undefined())
    .describe(description)
  fileKinds.set(schema, 'secret')
  return schema
}

/** The same setting, which may also come from a file; messages do not show its text. */
export function orFromFile<Schema extends z.ZodType>(schema: Schema): Schema {
  fileKinds.set(schema, 'text')
  return schema
}

/** Whether and how a setting may come from a file. */
export const fileKindOf = (schema: z.ZodType): FileKind | undefined => fileKinds.get(schema)
