import { z } from 'zod'
import { RondoError } from '#contracts'
import { invalidArgument } from '../failure.ts'
import type { Server } from './server.ts'

const headSchema = z.looseObject({ cycle: z.string(), title: z.string(), actor: z.string(), timezone: z.string() })
const cyclesSchema = z.looseObject({ items: z.tuple([headSchema], headSchema) })

/** The cycle of a server: the type of its actors, and its time zone. */
export interface CycleHead {
  readonly cycle: string
  readonly title: string
  readonly actor: string
  /** An ISO 8601 time as `2026-01-31 14:05:00`, in the zone of the definition. */
  localTime(iso: string): string
  readonly timezone: string
  /** What names it in a query, where the server shows several cycles. */
  readonly query: string
}

/** Which cycle of a server is meant. */
export interface AskedCycle {
  /** Its name. Without it, the only cycle; or the only one with actors of the type. */
  readonly cycle?: string | undefined
  readonly type?: string | undefined
}

/** The option of commands that ask about a cycle. */
export const CYCLE_OPTION = ['--cycle <name>', 'the cycle, if the server shows several'] as const

/**
 * The cycle of a server that is meant.
 * @throws RondoError RONDO_NOT_FOUND for a name that does not exist; RONDO_ARGUMENT_INVALID if several are meant
 */
export async function readCycleHead(server: Server, asked: AskedCycle = {}): Promise<CycleHead> {
  const items = await readCycles(server)
  const { cycle, title, actor, timezone } = chosen(items, asked, server)
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  const query = items.length === 1 ? '' : `&cycle=${encodeURIComponent(cycle)}`
  return { cycle, title, actor, timezone, query, localTime: (iso) => format.format(new Date(iso)) }
}

/** The cycles of a server, at least one: rows that name no type of actor are of the type of the first. */
export async function readCycles(server: Server): Promise<z.infer<typeof cyclesSchema>['items']> {
  return (await server.get('/v1/cycles', cyclesSchema)).items
}

function chosen(items: readonly z.infer<typeof headSchema>[], { cycle, type }: AskedCycle, { url }: Server) {
  const names = items.map((item) => item.cycle)
  if (cycle !== undefined) {
    const found = items.find((item) => item.cycle === cycle)
    if (found !== undefined) return found
    throw new RondoError('RONDO_NOT_FOUND', `--cycle: ${url} has no cycle ${JSON.stringify(cycle)}; it has ${names.join(', ')}.`)
  }
  const ofType = type === undefined || items.length === 1 ? items : items.filter(({ actor }) => actor === type)
  const [only, ...others] = ofType
  if (only !== undefined && others.length === 0) return only
  throw invalidArgument(`${url} shows several cycles: ${names.join(', ')}. Name one with --cycle.`)
}
