import { z } from 'zod'
import { Server } from '../server/server.ts'
import { BUFFERED_EVENTS, type CycleStatus, type Status } from './status.ts'

const readySchema = z.looseObject({ status: z.string(), reason: z.string().optional() })
/** What only `rondo start` says, and no older release. */
const healthSchema = z.looseObject({ importing: z.boolean().optional(), catchingUp: z.boolean().optional() })
/** A server of an older release does not say it. */
const buildingSchema = z.looseObject({ folded: z.number(), records: z.number() }).nullish()
const cyclesSchema = z.looseObject({ items: z.array(z.looseObject({ cycle: z.string(), building: buildingSchema })) })
const stagesSchema = z.looseObject({ asOf: z.looseObject({ logTime: z.string().nullable(), ageSeconds: z.number().nullable() }) })
const remarksSchema = z.looseObject({ counts: z.record(z.string(), z.number()) })
const count = z.number().nullable()
const refusedSchema = z.looseObject({ open: z.number(), usage: z.looseObject({ records: count, bytes: count, bytesMax: count }) })

/** The state of a running Rondo: of `rondo start`, or of serving. @throws RondoError as {@link Server.get} */
export async function serverStatus(url: string, stop: AbortSignal): Promise<Status> {
  const server = new Server(url, stop)
  const ready = readySchema.safeParse((await server.probe('/v1/health/ready')).body)
  const heldBy = waitIn(healthSchema.safeParse((await server.probe('/v1/health')).body).data)
  const { items } = await server.get('/v1/cycles', cyclesSchema)
  const refused = await server.get('/v1/quarantine/counts', refusedSchema)
  const { records, bytes, bytesMax } = refused.usage
  return {
    of: server.url,
    isLive: true,
    unready: ready.data?.reason ?? null,
    cycles: await Promise.all(items.map(async ({ cycle, building = null }) => ({ ...(await cycleStatus(server, cycle, heldBy)), isRun: true, building }))),
    writers: [],
    quarantine: { open: refused.open, records, bytes, bytesMax },
  }
}

/** What log time waits for; null if it moves. */
function waitIn({ importing = false, catchingUp = false }: z.output<typeof healthSchema> = {}): string | null {
  if (importing) return 'an import'
  return catchingUp ? BUFFERED_EVENTS : null
}

/** A server shows the least log time of all partitions. */
async function cycleStatus(server: Server, cycle: string, heldBy: string | null): Promise<Omit<CycleStatus, 'isRun' | 'building'>> {
  const path = `/v1/cycles/${encodeURIComponent(cycle)}`
  const [{ asOf }, { counts }] = await Promise.all([server.get(`${path}/stages`, stagesSchema), server.get(`${path}/remarks`, remarksSchema)])
  return { cycle, partitions: [{ partition: 0, ...asOf, lagRecords: null, heldBy }], events: counts }
}
