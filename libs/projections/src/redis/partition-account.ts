import type { ChainableCommander } from 'ioredis'
import type { Flow, StageAccount } from '../read-models.ts'
import type { KeyNames } from './model-keys.ts'
import { flowsOf } from './stored-flows.ts'

/** The beginning of the field with a stage's count. */
export const STAGE = 'stage.'
/** The stage under which members are shown whose stage neither the counts nor the flows have. */
const UNKNOWN = '(unknown)'

/** The stages and the days that are asked for. */
interface Known {
  readonly stages: string[]
  readonly days: string[]
}

/** The keys of one partition in which an account is. */
interface AccountKeys extends Known {
  readonly state: string
  readonly counts: string
  readonly members: string
  readonly flow: KeyNames
}

/** What one partition says of its stages. */
export interface PartitionAccount extends Known {
  readonly logTime: string | null
  readonly parts: readonly (readonly [stage: string, part: keyof StageAccount, actors: number])[]
  readonly ofFlows: readonly Flow[]
  /** Whether all stages and days of the partition were asked for; if not, `stages` and `days` are all that there are. */
  readonly isComplete: boolean
}

/** Adds the commands for the account of a partition. */
export function addAccountCommands(commands: ChainableCommander, { state, counts, members, flow, stages, days }: AccountKeys): void {
  commands.hget(state, 'logTime').hgetall(counts).zrange(flow('days'), '0', '-1').zcard(members)
  // The members of a stage begin with its id and a dot; the slash is the character after the dot.
  for (const stage of stages) commands.zlexcount(members, `[${stage}.`, `(${stage}/`)
  for (const day of days) commands.hgetall(flow('hours', day))
}

/** The account of a partition, from the answers to {@link addAccountCommands}. */
export function partitionAccount(answers: readonly unknown[], asked: Known): PartitionAccount {
  const [logTime, counts, days, all, ...rest] = answers as [string | null, Record<string, string>, string[], number, ...unknown[]]
  const listed = rest.slice(0, asked.stages.length) as number[]
  const hours = rest.slice(asked.stages.length) as Record<string, string>[]
  const ofFlows = hours.flatMap((fields, i) => flowsOf(Number(asked.days[i]), fields))
  const counted = Object.entries(counts).flatMap(([field, value]) => (field.startsWith(STAGE) ? [[field.slice(STAGE.length), Number(value)] as const] : []))
  const stages = [...new Set([...counted.map(([stage]) => stage), ...ofFlows.flatMap(({ from, to }) => [from, to])])]
  const isComplete = stages.every((stage) => asked.stages.includes(stage)) && days.length === hours.length
  const others = all - listed.reduce((sum, actors) => sum + actors, 0)
  const parts = [
    ...counted.map(([stage, actors]) => [stage, 'counted', actors] as const),
    ...asked.stages.map((stage, i) => [stage, 'listed', listed[i] ?? 0] as const),
    [UNKNOWN, 'listed', others] as const,
    ...ofFlows.flatMap(({ from, to, transitions }) => [[to, 'entered', transitions] as const, [from, 'left', transitions] as const]),
  ]
  return { logTime, parts, ofFlows, isComplete, stages, days }
}
