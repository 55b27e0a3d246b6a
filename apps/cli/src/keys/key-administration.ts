import { z } from 'zod'

/** A key as a server answers it. */
export const keySchema = z.looseObject({
  id: z.string(),
  role: z.string(),
  name: z.string(),
  endsAt: z.string().nullable(),
  valid: z.boolean(),
  source: z.string().optional(),
  environment: z.string().optional(),
  cycles: z.array(z.string()).optional(),
  origins: z.array(z.string()).optional(),
  eventsPerSecond: z.number().optional(),
})
/** A key as lists show it. */
export type ShownKey = z.infer<typeof keySchema>

/** The answer to the creation of a key: the only one that has its text. */
export const createdSchema = z.looseObject({ text: z.string(), key: keySchema })
/** A new key with its text. */
export type ShownNewKey = z.infer<typeof createdSchema>

/** Administers the keys of one Rondo: through its server, or in its stored log. Every method throws a RondoError that says what to do. */
export interface KeyAdministration {
  create(request: Readonly<Record<string, unknown>>): Promise<ShownNewKey>
  list(): Promise<readonly ShownKey[]>
  /** @param overlap how long the old key stays valid, such as 1d */
  rotate(id: string, overlap: string): Promise<ShownNewKey>
  revoke(id: string): Promise<ShownKey>
  close(): Promise<void>
}
