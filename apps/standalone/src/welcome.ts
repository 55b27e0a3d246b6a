import { type Actor, formatInstant, type Output, RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { DataFolder, FolderState } from '#event-log'
import { SqliteReadModels, type StageCounts } from '#projections'

/** An actor for the commands to try. */
export interface Trial {
  readonly address: string
  /** The name of the command on a terminal: `rondo`, or `npx rondo` in a checkout. */
  readonly command: string
}

/** How many actors are in each stage of each cycle; with a trial, also three commands to try in the first. A cycle whose state cannot be read has a sentence that says so. */
export async function welcome(folder: Pick<DataFolder, 'states'>, cycles: readonly CompiledCycle[], trial: Trial | undefined): Promise<string> {
  const texts: string[] = []
  for (const [at, cycle] of cycles.entries()) {
    const state = folder.states[at]
    if (state !== undefined) texts.push(await welcomeTo(state, cycle, at === 0 ? trial : undefined).catch((failure) => unreadableText(cycle, failure)))
  }
  return texts.join('\n')
}

async function welcomeTo(state: FolderState, cycle: CompiledCycle, trial: Trial | undefined): Promise<string> {
  const reader = state.stateReader()
  try {
    const counts = await new SqliteReadModels(reader).stageCounts().then((found) => countLines(found, cycle), unavailableLine)
    const [newest] = await reader.newest(1)
    const hints = trial === undefined || newest === undefined ? [] : toTry(trial, cycle, (JSON.parse(newest.output) as Output).actor)
    return [...counts, ...hints].join('\n')
  } finally {
    reader.close()
  }
}

function countLines({ asOf, total, stages }: StageCounts, { cycle, ...compiled }: CompiledCycle): string[] {
  const when = Number.isFinite(asOf) ? `as of ${formatInstant(asOf)}` : 'as nothing has come in yet'
  const ids = compiled.stages.filter(({ kind }) => kind !== 'start').map(({ id }) => id)
  const width = Math.max(...ids.map((id) => id.length))
  return [`${total} in the cycle ${cycle}, ${when}:`, ...ids.map((id) => `  ${id.padEnd(width)}  ${String(stages.get(id) ?? 0).padStart(8)}`)]
}

/** The other cycles are shown, and go on. */
function unreadableText({ cycle }: CompiledCycle, failure: unknown): string {
  if (failure instanceof RondoError) return `The counts of the cycle ${cycle} cannot be read: ${failure.message} (${failure.code})`
  throw failure
}

/** A new release may store the counts in another way. */
function unavailableLine(failure: unknown): string[] {
  if (failure instanceof RondoError && failure.code === 'RONDO_MODELS_UNAVAILABLE') return [failure.message]
  throw failure
}

const DEFAULT_ADDRESS = 'http://127.0.0.1:8080'

function toTry({ address, command }: Trial, { cycle }: CompiledCycle, { type, id }: Actor): string[] {
  const url = address === DEFAULT_ADDRESS ? '' : ` --url ${address}`
  const path = [type, id].map(encodeURIComponent).join('/')
  return [
    'Try:',
    `  curl ${address}/v1/cycles/${cycle}/stages    how many are in each stage`,
    `  curl ${address}/v1/actors/${path}    where one is, and why`,
    `  ${command} tail${url}    transitions as they happen`,
  ]
}
