import type { Command } from 'commander'
import type { SourcePlace } from '#event-log'
import { untilAborted } from '#runtime'
import { ArgumentDefects, brokerList, readCount, readRetention } from '../argument-defects.ts'
import { exitCodes } from '../exit-code.ts'
import { sayFailure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { type CopyPlan, copyLog } from './copy-log.ts'

const HELP = `
Copies the log of a Rondo on Kafka into topics of another prefix with another number of partitions. An actor's events then lie in
another partition, so everything that follows from the log is made anew there, as a new generation: outputs have new ids.

1. End every ingest process (SIGTERM); the processors may go on. What is produced into the topics of sources meanwhile waits there.
2. rondo repartition --brokers kafka:9092 --partitions 6 --to-prefix g2- --to-partitions 12
3. Start all apps with RONDO_PREFIX=g2-, RONDO_PARTITIONS=12, RONDO_GROUP=rondo-g2, RONDO_GENERATION=2 and the same RONDO_SOURCES: each
   source goes on where it was. Serving shows the old read models until the new ones are complete. Who follows the feed begins at its
   new end (newest=0).
4. When all is well, delete the old topics.

Nothing is changed in the old topics: to go back, start the apps with the old settings. A copy that was cut off is begun again with
another --to-prefix.
`

interface Flags {
  readonly brokers?: string
  readonly prefix: string
  readonly partitions: string
  readonly toPrefix?: string
  readonly toPartitions?: string
  readonly replication: string
  readonly activityRetention?: string
}

/** `rondo repartition`. */
export function declareRepartition(program: Command, terminal: Terminal, answer: (code: number) => void): void {
  program
    .command('repartition')
    .description('copy the log of a Rondo on Kafka over another number of partitions')
    .option('--brokers <list>', 'host:port of some Kafka brokers, with commas between them')
    .option('--prefix <text>', 'of the topics as they are', '')
    .option('--partitions <n>', 'of the topics as they are', '6')
    .option('--to-prefix <text>', 'of the topics to be made')
    .option('--to-partitions <n>', 'of the topics to be made')
    .option('--replication <n>', 'copies of each record, in both', '3')
    .option('--activity-retention <time>', 'how long both keep the log, as RONDO_ACTIVITY_RETENTION (default: for ever)')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => answer(await run(flags, terminal)))
}

async function run(flags: Flags, { messages, clock, stop }: Terminal): Promise<number> {
  const defects = new ArgumentDefects()
  const plan = readPlan(flags, defects)
  for (const failure of defects.failures) messages.write(sayFailure(failure))
  if (plan === undefined) return exitCodes.invalid
  const started = clock.now()
  const copying = copyLog(plan, { clock, stop, onProgress: (count) => messages.write(`${count} entries so far …\n`) })
  // Brokers that do not answer keep it for long; what is half written is of no use anyway.
  const copied = await untilAborted(copying, stop)
  if (copied === undefined) throw stop.reason
  const { entries, places, lost } = copied
  const { prefix, partitions } = plan.to
  messages.write(`${entries} entries copied into ${prefix}activity over ${partitions} partitions in ${Math.round((clock.now() - started) / 1000)} s.\n`)
  for (const place of places) messages.write(`${sayPlace(place)}\n`)
  for (const source of lost) messages.write(`How far the source ${source} was read is not known any more: it begins as its start says.\n`)
  messages.write(`Start the apps with RONDO_PREFIX=${prefix} and RONDO_PARTITIONS=${partitions}, a RONDO_GROUP of their own and the next RONDO_GENERATION.\n`)
  return exitCodes.done
}

function sayPlace({ source, topic, partitions }: SourcePlace): string {
  return `The source ${source} goes on in ${topic} where it was: ${partitions.map(({ partition, offset }) => `partition ${partition} at ${offset}`).join(', ')}.`
}

function readPlan({ brokers, prefix, toPrefix, activityRetention, ...counts }: Flags, defects: ArgumentDefects): CopyPlan | undefined {
  const list = brokerList(brokers ?? '', defects)
  if (toPrefix === undefined || toPrefix === prefix) defects.add('--to-prefix: expected another prefix than that of the topics as they are.')
  const partitions = readCount('--partitions', counts.partitions, defects)
  const toPartitions = readCount('--to-partitions', counts.toPartitions ?? '', defects)
  const replication = readCount('--replication', counts.replication, defects)
  const activityRetentionMs = readRetention(activityRetention, defects)
  if (defects.failures.length > 0 || partitions === undefined || toPartitions === undefined || replication === undefined) return undefined
  const both = { brokers: list, group: 'rondo', replication, activityRetentionMs, identity: {} }
  return { from: { ...both, prefix, partitions }, to: { ...both, prefix: toPrefix ?? '', partitions: toPartitions } }
}
