import { type Actor, formatInstant, type Output } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { DataFolder } from '#event-log'
import { SqliteReadModels } from '#projections'

/** How many actors are in each stage; with an address, also three commands to try. */
export async function welcome(folder: DataFolder, cycle: CompiledCycle, address: string | undefined): Promise<string> {
  const reader = folder.stateReader()
  try {
    const { asOf, total, stages } = await new SqliteReadModels(reader).stageCounts()
    const when = Number.isFinite(asOf) ? `as of ${formatInstant(asOf)}` : 'as nothing has come in yet'
    const ids = cycle.stages.filter(({ kind }) => kind !== 'start').map(({ id }) => id)
    const width = Math.max(...ids.map((id) => id.length))
    const counts = ids.map((id) => `  ${id.padEnd(width)}  ${String(stages.get(id) ?? 0).padStart(8)}`)
    const [newest] = await reader.newest(1)
    const hints = address === undefined || newest === undefined ? [] : toTry(address, cycle, (JSON.parse(newest.output) as Output).actor)
    return [`${total} in the cycle ${cycle.cycle}, ${when}:`, ...counts, ...hints].join('\n')
  } finally {
    reader.close()
  }
}

const DEFAULT_ADDRESS = 'http://127.0.0.1:8080'

function toTry(address: string, { cycle }: CompiledCycle, { type, id }: Actor): string[] {
  const url = address === DEFAULT_ADDRESS ? '' : ` --url ${address}`
  const path = [type, id].map(encodeURIComponent).join('/')
  return [
    'Try:',
    `  curl ${address}/v1/cycles/${cycle}/stages    how many are in each stage`,
    `  curl ${address}/v1/actors/${path}    where one is, and why`,
    `  npx rondo tail${url}    transitions as they happen`,
  ]
}
