import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { activityEventSchema, formatInstant, type PlannedEvent, printable, RondoError, type UnplannedMode } from '#contracts'
import type { Plan } from '#tracking-plan'
import { exitCodes } from '../exit-code.ts'
import { fileReason } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

/** The plan as a server has it. */
export interface ServedPlan {
  readonly contracts: readonly PlannedEvent[]
  readonly unplanned: UnplannedMode
}

type Checked = { readonly kind: 'fits' } | { readonly kind: 'misfit' | 'unreadable'; readonly text: string }

/** Prints each event of a file that does not fit, with its line. @returns the exit code: rows were refused if there are any */
export async function checkFile(file: string, served: ServedPlan, { clock, output, messages, stop }: Terminal): Promise<number> {
  const counts = { fits: 0, misfit: 0, unreadable: 0 }
  const checkLine = await lineChecker(served, clock.now())
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      stop.throwIfAborted()
      line += 1
      if (text.trim() === '') continue
      const checked = checkLine(text)
      counts[checked.kind] += 1
      if (checked.kind !== 'fits') output.write(`${file}:${line}  ${printable(checked.text)}\n`)
      await output.flush()
    }
  } catch (error) {
    stop.throwIfAborted()
    throw new RondoError('RONDO_INPUT_UNREADABLE', `${file} cannot be read: ${fileReason(error)}.`, { cause: error })
  }
  messages.write(`rondo: ${counts.fits} events fit, ${counts.misfit} do not, ${counts.unreadable} lines are no events.\n`)
  return counts.misfit + counts.unreadable === 0 ? exitCodes.done : exitCodes.rowsRefused
}

/** The checker of schemas and the dialects are loaded late: other commands do not need them. */
async function lineChecker({ contracts, unplanned }: ServedPlan, now: number): Promise<(text: string) => Checked> {
  const [{ checkEvent, Plan: NewPlan }, { readJson, readSegmentBatch }] = await Promise.all([import('#tracking-plan'), import('#sources')])
  const plan: Plan = new NewPlan()
  const at = formatInstant(now)
  // Only the contract is checked, so the id of an event without one does not matter.
  const newId = () => 'none'
  for (const planned of contracts) plan.apply({ kind: 'event-planned', at, by: 'check', planned: { ...planned, version: 1 } })
  plan.apply({ kind: 'unplanned-set', at, by: 'check', mode: unplanned, version: 1 })
  return (text) => {
    const value = parsed(text, readJson)
    const stored = activityEventSchema.safeParse(value)
    const { events, refused } = stored.success ? { events: [stored.data], refused: [] } : readSegmentBatch({ batch: [value] }, now, newId)
    const [event] = events
    if (event === undefined) return { kind: 'unreadable', text: refused[0]?.reason ?? 'expected an event' }
    const misfit = checkEvent(plan, event)
    return misfit === undefined ? { kind: 'fits' } : { kind: 'misfit', text: `${event.event}: ${misfit.defect.reason}` }
  }
}

function parsed(text: string, readJson: (text: string) => unknown): unknown {
  try {
    return readJson(text)
  } catch {
    return undefined
  }
}
