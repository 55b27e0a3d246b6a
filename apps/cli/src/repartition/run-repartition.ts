import { addressesOf, compileCycle } from '#cycle'
import type { SourcePosition } from '#event-log'
import { untilAborted } from '#runtime'
import { ArgumentDefects, readCount, readRetention } from '../argument-defects.ts'
import { brokerList } from '../broker-flag.ts'
import { brokerSecurity } from '../broker-login.ts'
import { readDefinitionFlags } from '../definition/definition-flags.ts'
import { exitCodes } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { type CopyPlan, copyLog } from './copy-log.ts'

/** The options of `rondo repartition`, not yet checked. */
export interface RepartitionFlags {
  readonly brokers?: string
  readonly prefix: string
  readonly partitions: string
  readonly toPrefix?: string
  readonly toPartitions?: string
  readonly replication: string
  readonly activityRetention?: string
  readonly definition?: readonly string[]
  readonly archive?: string
}

/** Runs `rondo repartition`. @returns the exit code */
export async function runRepartition(flags: RepartitionFlags, { messages, clock, stop }: Terminal): Promise<number> {
  const defects = new ArgumentDefects()
  const plan = readPlan(flags, defects)
  for (const failure of defects.failures) messages.write(failureText(failure))
  if (plan === undefined) return exitCodes.invalid
  const started = clock.now()
  const copy = copyLog(plan, { clock, stop, onProgress: (count) => messages.write(`${count} entries so far …\n`) })
  // An incomplete copy is of no use, so the exit does not wait for brokers that do not answer.
  const result = await untilAborted(copy, stop)
  if (result === undefined) throw stop.reason
  const { entries, sourcePositions, lost } = result
  const { prefix, partitions } = plan.to
  messages.write(`${entries} entries copied into ${prefix}activity over ${partitions} partitions in ${Math.round((clock.now() - started) / 1000)} s.\n`)
  for (const source of sourcePositions) messages.write(`${sourceText(source)}\n`)
  for (const source of lost) messages.write(`The position of the source ${source} was deleted by the brokers, so the source begins at its configured start.\n`)
  messages.write(`Start the apps with RONDO_PREFIX=${prefix} and RONDO_PARTITIONS=${partitions}, a RONDO_GROUP of their own and the next RONDO_GENERATION.\n`)
  return exitCodes.done
}

/** The sentence on a source and the offsets from which it continues. */
function sourceText({ source, topic, partitions }: SourcePosition): string {
  return `The source ${source} continues in ${topic} at its position: ${partitions.map(({ partition, offset }) => `partition ${partition} at ${offset}`).join(', ')}.`
}

function readAddresses(files: readonly string[] = [], defects: ArgumentDefects): CopyPlan['addresses'] {
  return addressesOf(readDefinitionFlags(files, defects).flatMap(({ definition }) => (definition === undefined ? [] : [compileCycle(definition)])))
}

function readPlan(
  { brokers, prefix, toPrefix, activityRetention, definition, archive, ...counts }: RepartitionFlags,
  defects: ArgumentDefects,
): CopyPlan | undefined {
  const list = brokerList(brokers ?? '', defects)
  if (toPrefix === undefined || toPrefix === prefix) defects.add('--to-prefix: expected a prefix that is not the prefix of the topics to copy.')
  const partitions = readCount('--partitions', counts.partitions, defects)
  const toPartitions = readCount('--to-partitions', counts.toPartitions ?? '', defects)
  const replication = readCount('--replication', counts.replication, defects)
  const activityRetentionMs = readRetention(activityRetention, defects)
  const addresses = readAddresses(definition, defects)
  if (defects.failures.length > 0 || partitions === undefined || toPartitions === undefined || replication === undefined) return undefined
  // A copy folds no events, so it does not need the identity of a fold.
  const common = {
    brokers: list,
    security: brokerSecurity(),
    group: 'rondo',
    replication,
    activityRetentionMs,
    isArchived: archive !== undefined,
    identity: {},
  }
  return {
    from: { ...common, prefix, partitions },
    to: { ...common, prefix: toPrefix ?? '', partitions: toPartitions },
    addresses,
    archive,
  }
}
