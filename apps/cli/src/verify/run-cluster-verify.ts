import { identityOf } from '#cycle'
import { type KafkaLog, type KafkaSettings, type LogArchive, namesOfCycles, openKafkaLog } from '#event-log'
import { cyclesText, type LiveDefinition, readLiveDefinitions, readRedisServer } from '#process'
import { openRedisProjections } from '#projections'
import { environmentVariable } from '#runtime'
import { ArgumentDefects, readCount } from '../argument-defects.ts'
import { brokerList } from '../broker-flag.ts'
import { brokerSecurity } from '../broker-login.ts'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { type Comparison, writeVerdict } from './cycle-verdict.ts'
import { verifyClusterCycle } from './verify-cluster-cycle.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** Runs `rondo verify --brokers`. @returns the exit code */
export async function runClusterVerify(brokers: string, flags: VerifyFlags, terminal: Terminal): Promise<number> {
  const { messages } = terminal
  const definitions = readLiveDefinitions(flags.definition, { shortGrace: true })
  const settings = readSettings(brokers, flags, definitions)
  // Topics other than `activity` may be missing, as for a copy. Only `writers` is made then.
  const log = await openKafkaLog(settings, 'copy-source')
  const archive = await openArchive(flags.archive, log)
  const names = cyclesText(log.cycles.map(({ cycle }) => cycle))
  messages.write(`rondo: verifying ${settings.prefix}activity on ${settings.brokers.join(',')}: ${names}, ${settings.partitions} partitions.\n`)
  try {
    let isEqual = true
    for (const [i, ofCycle] of log.cycles.entries()) {
      const { cycle } = definitions[i] as LiveDefinition
      await checkFolded(ofCycle, flags)
      const compare = (given: Comparison) => withRedis(flags, ofCycle, (redis) => verifyClusterCycle({ log, ofCycle, ...verified(cycle), redis, ...given }))
      isEqual = (await writeVerdict({ cycle: ofCycle.cycle, scratch: flags.scratch, compare }, terminal)) && isEqual
    }
    return isEqual ? exitCodes.done : exitCodes.failed
  } finally {
    await archive?.close()
  }

  function verified(cycle: LiveDefinition['cycle']) {
    return { cycle, partitions: settings.partitions, archive, stop: terminal.stop }
  }
}

function readSettings(brokers: string, flags: VerifyFlags, definitions: readonly LiveDefinition[]): KafkaSettings {
  const defects = new ArgumentDefects()
  const list = brokerList(brokers, defects)
  const partitions = readCount('--partitions', flags.partitions, defects)
  const generation = readCount('--generation', flags.generation, defects)
  const [failure] = defects.failures
  if (failure !== undefined || partitions === undefined || generation === undefined) throw failure
  const names = namesOfCycles(
    definitions.map(({ cycle }) => identityOf(cycle, generation)),
    flags.firstCycle,
  )
  return { brokers: list, security: brokerSecurity(), prefix: flags.prefix, group: flags.group, partitions, replication: 1, isArchived: true, ...names }
}

/** Refuses a cycle that no processor has folded: its topics need not exist. */
async function checkFolded(ofCycle: KafkaLog['cycles'][number], { group, prefix }: VerifyFlags): Promise<void> {
  const positions = ofCycle.groupPositions()
  try {
    if ((await positions.positions()).some((position) => position !== undefined)) return
  } finally {
    await positions.close()
  }
  throw invalidArgument(`--definition: the group ${group} has folded nothing of ${prefix}activity for the cycle ${ofCycle.cycle}.`)
}

async function openArchive(folder: string | undefined, log: Pick<KafkaLog, 'name'>): Promise<LogArchive | undefined> {
  if (folder === undefined) return undefined
  const { FolderArchive } = await import('#archive')
  return new FolderArchive(folder, await log.name())
}

/** Connects to the read models of a cycle, if there is an address in the environment. The keys of the first cycle have no cycle in their names. */
async function withRedis<Result>(
  { redisPrefix }: VerifyFlags,
  { isFirst, cycle }: KafkaLog['cycles'][number],
  work: (redis: Awaited<ReturnType<typeof openRedisProjections>> | undefined) => Promise<Result>,
): Promise<Result> {
  const server = readRedisServer(environmentVariable)
  if (server === undefined) return await work(undefined)
  const redis = await openRedisProjections({ ...server, prefix: isFirst ? redisPrefix : `${redisPrefix}:${cycle}` })
  try {
    return await work(redis)
  } finally {
    redis.close()
  }
}
