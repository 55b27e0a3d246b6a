import { z } from 'zod'
import { pause } from '#runtime'
import { type Call, callText, DAY_MS, type EcosystemSettings, simulate } from '#simulation'
import type { ProgressLine } from '../progress-line.ts'
import { askAgain } from '../server/ask-again.ts'
import type { Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'

const BATCH_MAX = 100
/** How often what has become due is sent. */
const STEP_MS = 200
const PAUSES = { pauseMs: 500, pauseMsMax: 5000 }
const answerSchema = z.looseObject({ accepted: z.int() })

/** Sends what happens after the days of an ecosystem, at a speed, until the user ends it. */
export async function sendLife(
  ecosystem: EcosystemSettings,
  { server, speed }: { server: Server; speed: number },
  { terminal, progress }: { terminal: Terminal; progress: ProgressLine },
): Promise<void> {
  const { clock, stop, messages } = terminal
  const livesFrom = ecosystem.from + ecosystem.days * DAY_MS
  const parts = simulate({ ...ecosystem, days: Number.POSITIVE_INFINITY }, () => undefined)
  // Two processes must not send the same ids for different events.
  const began = clock.now()
  let sent = 0
  const nameOf = (): string => `sim-${ecosystem.seed}-${began}-${sent++}`
  const send = async (due: readonly Call[]): Promise<void> => {
    for (let from = 0; from < due.length; from += BATCH_MAX) {
      const now = clock.now()
      const texts = due.slice(from, from + BATCH_MAX).map((call) => callText({ ...call, at: now }, nameOf()))
      const ask = () => server.post('/v1/batch', { body: `{"batch":[${texts.join(',')}]}`, type: 'application/json' }, answerSchema)
      const lost = (): string => `${server.url} takes no events; waiting for it.`
      await askAgain(ask, { server, stop, print: (text) => progress.print(text), lost, pauses: PAUSES })
    }
  }
  const sendInTime = async (part: readonly Call[]): Promise<void> => {
    for (let waiting = part; waiting.length > 0; ) {
      stop.throwIfAborted()
      const reached = livesFrom + (clock.now() - began) * speed
      const later = waiting.findIndex(({ at }) => at > reached)
      await send(later === -1 ? waiting : waiting.slice(0, later))
      waiting = later === -1 ? [] : waiting.slice(later)
      await progress.show(() => `rondo: day ${Math.floor((reached - livesFrom) / DAY_MS) + 1} of its life, ${sent} events sent`)
      if (waiting.length > 0) await pause(STEP_MS, stop)
    }
  }
  try {
    for (const part of parts) await sendInTime(part.filter(({ at }) => at >= livesFrom))
  } catch (failure) {
    if (!stop.aborted) throw failure
  }
  progress.clear()
  messages.write(`rondo: ended; ${sent} events were sent to ${server.url}.\n`)
}
