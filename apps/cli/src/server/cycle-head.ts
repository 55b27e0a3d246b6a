import { z } from 'zod'
import type { Server } from './server.ts'

const cyclesSchema = z.looseObject({
  items: z.tuple([z.looseObject({ cycle: z.string(), title: z.string(), actor: z.string(), timezone: z.string() })]),
})

/** The cycle of a server: the type of its actors, and its time zone. */
export interface CycleHead {
  readonly cycle: string
  readonly title: string
  readonly actor: string
  /** An ISO 8601 time as `2026-01-31 14:05:00`, in the zone of the definition. */
  localTime(iso: string): string
  readonly timezone: string
}

/** The cycle that a server shows. */
export async function readCycleHead(server: Server): Promise<CycleHead> {
  const { items } = await server.get('/v1/cycles', cyclesSchema)
  const [{ cycle, title, actor, timezone }] = items
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  return { cycle, title, actor, timezone, localTime: (iso) => format.format(new Date(iso)) }
}
