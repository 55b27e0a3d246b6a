import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { RepartitionFlags } from './run-repartition.ts'

const HELP = `
Copies the log of a Rondo on Kafka into topics of another prefix with another number of partitions. An actor's events then lie in
another partition, so everything that follows from the log is rebuilt there, as a new generation: outputs have new ids.

1. End every ingest process (SIGTERM); the processors may continue. Events that are produced into the topics of sources wait there.
2. rondo repartition --brokers kafka:9092 --partitions 6 --to-prefix g2- --to-partitions 12
3. Start all apps with RONDO_PREFIX=g2-, RONDO_PARTITIONS=12, RONDO_GROUP=rondo-g2, RONDO_GENERATION=2 and the same RONDO_SOURCES: each
   source continues at its position. Serving shows the old read models until the new ones are complete. Readers of the feed begin at its
   new end (newest=0).
4. When all is well, delete the old topics.

A cycle that counts events for actors that they name needs each event in the
partitions of those actors: --definition names all such definitions that will run on the copy. So a new one can also be added to a log
that was written without it; the number of partitions may then stay as it is.

The old topics are not changed: to go back, start the apps with the old settings. After an interruption, start again with
another --to-prefix.
`

/** `rondo repartition`. */
export function declareRepartition(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('repartition')
    .description('copy the log of a Rondo on Kafka into another number of partitions')
    .option('--brokers <list>', 'host:port of some Kafka brokers, with commas between them')
    .option('--prefix <text>', 'prefix of the present topics', '')
    .option('--partitions <n>', 'number of partitions of the present topics', '6')
    .option('--to-prefix <text>', 'prefix of the new topics')
    .option('--to-partitions <n>', 'number of partitions of the new topics')
    .option('--replication <n>', 'copies of each record, in both', '3')
    .option('--activity-retention <time>', 'how long both keep the log, as RONDO_ACTIVITY_RETENTION (default: for ever)')
    .option('--definition <files...>', 'cycle definitions that will run on the copy and count events for actors that they name')
    .option('--archive <folder>', 'the archive that has what the present log no longer has')
    .addHelpText('after', HELP)
    .action(async (flags: RepartitionFlags) => {
      // Help should not wait for the Kafka client to load.
      const { runRepartition } = await import('./run-repartition.ts')
      setExitCode(await runRepartition(flags, terminal))
    })
}
