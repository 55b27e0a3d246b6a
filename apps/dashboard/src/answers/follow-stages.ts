import { effect } from '@preact/signals'
import { clock, pause } from '../clock.ts'
import type { StagesAnswer } from './answers.ts'
import { backoffMs, isAnswering, whileRunning } from './connection.ts'
import { getAnswer, Refused } from './get-answer.ts'
import { arrived, liveCounts } from './live.ts'
import { stages } from './shown-stages.ts'

const EVERY_MS = 5000
/** While many outputs come in, the counts are read at most this often. */
const REST_MS = 500

/** Keeps the counts of the stages up to date until the signal ends it: after each output that came, by the stream, and every few seconds. */
export async function followStages(cycle: string, left: AbortSignal): Promise<void> {
  const path = `/v1/cycles/${encodeURIComponent(cycle)}/stages`
  if (stages.value.path !== path) stages.value = { path, answer: undefined, refused: undefined, receivedAt: 0 }
  const stopMerging = effect(mergeLiveCounts)
  left.addEventListener('abort', stopMerging)
  let failures = 0
  while (!left.aborted) {
    await whileRunning()
    try {
      const answer = await getAnswer<StagesAnswer>(path, left)
      if (!left.aborted) stages.value = { path, answer, refused: undefined, receivedAt: clock.now() }
      isAnswering.value = true
      failures = 0
      await pause(REST_MS, left)
      await untilSomethingArrives(left)
    } catch (failure) {
      if (left.aborted || !(failure instanceof Refused)) return
      stages.value = { ...stages.value, refused: failure }
      if (failure.status === undefined) isAnswering.value = false
      failures += 1
      await pause(backoffMs(failures), left)
    }
  }
}

async function untilSomethingArrives(left: AbortSignal): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  left.addEventListener('abort', end, { once: true })
  const before = arrived.peek()
  const stop = effect(() => {
    if (arrived.value !== before) end()
  })
  await pause(EVERY_MS, over.signal)
  stop()
  left.removeEventListener('abort', end)
}

/** Puts the counts of the stream into the answer that is shown. */
function mergeLiveCounts(): void {
  const counts = liveCounts.value
  const { answer, ...loaded } = stages.peek()
  if (counts === undefined || answer === undefined) return
  const counted = answer.stages.map((stage) => ({ ...stage, actors: counts.stages[stage.id] ?? 0 }))
  stages.value = { ...loaded, answer: { ...answer, asOf: counts.asOf, total: counts.total, stages: counted }, receivedAt: clock.now() }
}
