import { z } from 'zod'

/** A name of the definition: letters, digits, hyphen and underscore; a dot would make it a path. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'expected a name of letters, digits, - and _, starting with a letter, at most 64 long' })

/** One name, or several. */
export const namesSchema = z.union([nameSchema, z.array(nameSchema).min(1)])
