import type { Command } from 'commander'
import { RondoError } from '#contracts'
import { type KafkaLog, type KafkaSettings, openKafkaLog, repartition } from '#event-log'
import { brokerList, Complaints, readCount } from '../complaints.ts'
import { exitCodes } from '../exit-code.ts'
import { sayFailure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

const HELP = `
Copies the log of a Rondo on Kafka into topics of another prefix with another number of partitions. An actor's events then lie in
another partition, so everything that follows from the log is made anew there, as a new generation: outputs have new ids.

1. End every ingest process (SIGTERM), so that all writers are closed; the processors may go on.
2. rondo repartition --brokers kafka:9092 --partitions 6 --to-prefix g2- --to-partitions 12
3. Start all apps with RONDO_PREFIX=g2-, RONDO_PARTITIONS=12, RONDO_GROUP=rondo-g2 and RONDO_GENERATION=2. Serving shows the old read
   models until the new ones are complete. Who follows the feed begins at its new end (newest=0).
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
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => answer(await run(flags, terminal)))
}

interface Plan {
  readonly from: KafkaSettings
  readonly to: KafkaSettings
}

async function run(flags: Flags, { messages, clock, stop }: Terminal): Promise<number> {
  const complaints = new Complaints()
  const plan = readPlan(flags, complaints)
  for (const failure of complaints.failures) messages.write(sayFailure(failure))
  if (plan === undefined) return exitCodes.invalid
  const started = clock.now()
  const entries = await copy(plan, stop, (count) => messages.write(`${count} entries so far …\n`))
  const { prefix, partitions } = plan.to
  messages.write(`${entries} entries copied into ${prefix}activity over ${partitions} partitions in ${Math.round((clock.now() - started) / 1000)} s.\n`)
  messages.write(`Start the apps with RONDO_PREFIX=${prefix} and RONDO_PARTITIONS=${partitions}, a RONDO_GROUP of their own and the next RONDO_GENERATION.\n`)
  return exitCodes.done
}

function readPlan({ brokers, prefix, toPrefix, ...counts }: Flags, complaints: Complaints): Plan | undefined {
  const list = brokerList(brokers ?? '', complaints)
  if (toPrefix === undefined || toPrefix === prefix) complaints.add('--to-prefix: expected another prefix than that of the topics as they are.')
  const partitions = readCount('--partitions', counts.partitions, complaints)
  const toPartitions = readCount('--to-partitions', counts.toPartitions ?? '', complaints)
  const replication = readCount('--replication', counts.replication, complaints)
  if (complaints.failures.length > 0 || partitions === undefined || toPartitions === undefined || replication === undefined) return undefined
  const both = { brokers: list, group: 'rondo', replication, identity: {} }
  return { from: { ...both, prefix, partitions }, to: { ...both, prefix: toPrefix ?? '', partitions: toPartitions } }
}

/** @throws RondoError RONDO_WRITERS_OPEN, RONDO_LOG_MISMATCH where the new topics hold something, RONDO_LOG_UNAVAILABLE */
async function copy({ from, to }: Plan, stop: AbortSignal, onProgress: (entries: number) => void): Promise<number> {
  const before = await openKafkaLog(from)
  await checkClosed(before)
  const after = await openKafkaLog(to)
  const [progress, writer] = [after.progress(), after.writer()]
  try {
    if (!(await progress.isEmpty()))
      throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${to.prefix}activity holds records already. Choose another --to-prefix.`)
    const records = Array.from({ length: from.partitions }, (_, partition) => before.records(partition, stop))
    return await repartition({ from: records, to: writer, onProgress })
  } finally {
    await Promise.all([progress.close(), writer.close()])
  }
}

async function checkClosed(log: KafkaLog): Promise<void> {
  const writers = log.writers()
  try {
    const { standing } = await writers.read()
    if (standing.length === 0) return
    const names = standing.map(({ name }) => name).join(', ')
    throw new RondoError(
      'RONDO_WRITERS_OPEN',
      `Events may still be written by ${names}. End every ingest process first; one that was killed is closed by another that runs.`,
    )
  } finally {
    await writers.close()
  }
}
