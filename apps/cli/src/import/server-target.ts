import { z } from 'zod'
import { formatInstant, instantOf, RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, readDefinition } from '#cycle'
import { type AskingAgain, askAgain } from '../server/ask-again.ts'
import { readCycles } from '../server/cycle-head.ts'
import type { Server } from '../server/server.ts'
import type { ImportTarget } from './import-target.ts'

/** Together more than a minute, because a server with a large folder needs that long to restart. */
const PAUSES = { pauseMs: 250, pauseMsMax: 8000, attemptsMax: 13 }

const progressSchema = z.object({ id: z.string(), source: z.string(), rows: z.int(), shiftMs: z.int(), open: z.boolean() })
/** `rejected` is the name in the public API; the code calls such rows refused. */
const rowsSchema = z.object({ rows: z.int(), rejected: z.array(z.object({ row: z.int(), code: z.string(), message: z.string() })) })
const healthSchema = z.object({ logTime: z.iso.datetime().nullable().optional() })

/** How a target on a server is stopped and how it reports; tests have shorter pauses. */
export interface ServerSurroundings {
  readonly stop: AbortSignal
  readonly print: (text: string) => void
  readonly pauses?: AskingAgain['pauses']
}

/**
 * A running Rondo. A broken connection is retried for a while, so a request may be sent twice.
 * @throws RondoError RONDO_SERVER_UNREACHABLE if no server answers at the first request
 */
export async function serverTarget(server: Server, { stop, print, pauses = PAUSES }: ServerSurroundings): Promise<ImportTarget> {
  const [first, ...others] = await readCycles(server)
  const lost = ({ message }: RondoError): string => `${message} Trying again for a minute.`
  const withRetry = <T extends object>(ask: () => Promise<T>): Promise<T> => askAgain(ask, { server, stop, print, lost, pauses })
  return {
    name: server.url,
    endsWhenIdle: true,
    canResume: true,
    actorType: first.actor,
    cycles: await servedCycles(server, [first, ...others]),
    begin({ source, firstTime, shiftMs }) {
      const body = JSON.stringify({ source, firstTime: formatInstant(firstTime), shiftMs })
      return withRetry(() => server.post('/v1/backfills', { body, type: 'application/json' }, progressSchema))
    },
    async put(id, { first, items }) {
      const body = items.map(({ text }) => text).join('\n')
      const path = `/v1/backfills/${encodeURIComponent(id)}/rows?first=${first}`
      const { rejected } = await withRetry(() => server.post(path, { body, type: 'application/x-ndjson' }, rowsSchema))
      return rejected.map(({ row, code, message }) => ({ at: row - first, code, reason: message }))
    },
    async end(id) {
      await withRetry(() => server.post(`/v1/backfills/${encodeURIComponent(id)}/end`, { body: '', type: 'application/json' }, progressSchema))
    },
    foldedAt: async () => {
      // The import is complete, so a failure here is not reported.
      const { logTime } = await server.get('/v1/health', healthSchema).catch(() => ({ logTime: undefined }))
      return logTime === undefined || logTime === null ? logTime : instantOf(logTime)
    },
    async close() {},
  }
}

/** The server's cycles without those whose definition it does not give, or this version cannot read. */
async function servedCycles(server: Server, heads: Awaited<ReturnType<typeof readCycles>>): Promise<CompiledCycle[]> {
  const served = await Promise.all(heads.map(({ cycle }) => servedCycle(server, cycle)))
  return served.filter((cycle) => cycle !== undefined)
}

async function servedCycle(server: Server, cycle: string): Promise<CompiledCycle | undefined> {
  try {
    const path = `/v1/cycles/${encodeURIComponent(cycle)}/definition`
    const { definition } = readDefinition(JSON.stringify(await server.get(path, z.looseObject({}))), path)
    return definition && compileCycle(definition)
  } catch (error) {
    if (error instanceof RondoError && error.code === 'RONDO_NOT_FOUND') return undefined
    throw error
  }
}
