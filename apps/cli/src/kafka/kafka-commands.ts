import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { KafkaFlags } from './kafka-flags.ts'

const HELP = `
The topics of a Rondo on Kafka, and the rights that its apps need there, for those who manage Kafka.

Examples:
  rondo kafka topics --dry-run                              every topic with every setting; nothing is changed
  rondo kafka topics --dry-run --as commands                the commands of Kafka's own tool that create them
  rondo kafka topics --brokers kafka:9092                   creates those that are missing
  rondo kafka acls --principal User:rondo                   the rights of one user for all apps
  rondo kafka acls --app ingest --principal User:rondo-ingest --as commands
  rondo kafka acls --definition cycles                      the topics and groups of several cycles, too

Give as options the values that the apps have as settings: --prefix is RONDO_PREFIX, --group RONDO_GROUP, --definition RONDO_DEFINITION, and so on.
These variables are not read here: what is not an option has its default. Only TLS and the login come from the environment, from RONDO_KAFKA_TLS,
RONDO_KAFKA_SASL and the variables that belong to them.
`

/** `rondo kafka topics` and `rondo kafka acls`. */
export function declareKafkaCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const kafka = program.command('kafka').description('topics and rights for those who manage Kafka').addHelpText('after', HELP)
  const declare = (name: string, description: string): Command =>
    kafka
      .command(name)
      .description(description)
      .option('--brokers <list>', 'host:port of some Kafka brokers, with commas between them')
      .option('--prefix <text>', 'prefix of the topics', '')
      .option('--group <name>', 'the consumer group of the processors', 'rondo')
      .option('--partitions <n>', 'number of partitions', '6')
      .option('--replication <n>', 'copies of each record', '3')
      .option('--definition <files...>', 'the cycle definitions of the apps, or a folder of them, in the same order; needed if there are several cycles')
      .option('--first-cycle <name>', 'the cycle whose topics and group have no cycle in their names (default: that of the first definition)')
      .option('--activity-retention <time>', 'how long activity keeps its records (default: for ever); needs --archive')
      .option('--archive <folder>', 'the folder of the archive of the log, without which a retention is refused')
      .option('--as <form>', 'table, commands (of the tools of Kafka) or json', 'table')
  declare('topics', 'print the topics with all their settings, or create those that are missing')
    .option('--dry-run', 'only print')
    .action(async (flags: KafkaFlags) => {
      // Help should not wait for the Kafka client to load.
      const { runTopics } = await import('./run-kafka.ts')
      setExitCode(await runTopics(flags, terminal))
    })
  declare('acls', 'print the rights that the apps need')
    .option('--app <name>', 'ingest, processor, reactor, serving or commands (default: all of them)')
    .option('--principal <name>', 'the user of Kafka', 'User:rondo')
    .option('--source-topic <topics...>', 'topics of other systems that ingest reads (RONDO_SOURCES)')
    .action(async (flags: KafkaFlags) => {
      const { runAcls } = await import('./run-kafka.ts')
      setExitCode(await runAcls(flags, terminal))
    })
}
