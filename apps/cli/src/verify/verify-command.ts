import type { Command } from 'commander'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import type { VerifyFlags } from './verify-flags.ts'

const HELP = `
Everything that Rondo shows follows from the log of accepted events. This command folds the log again, from its beginning (or that of its
archive) to where it was folded to, into a folder of its own, and compares all of it with what is stored.

With --data: each output, late event and refused record byte by byte, each answer of the read models, and each row of the history. End the
Rondo before.

With --brokers: each output and late event of each partition byte by byte; and if RONDO_REDIS has the address of the read models, each of their
answers. The apps may run meanwhile. The values of options are those that the apps have as settings (--prefix is RONDO_PREFIX, and so on). The
login to Kafka and Redis comes from the environment, from the same variables as that of the apps.

It takes about the time in which Rondo folds the whole log, and disk space like that of the state and the history. The exit code is 0 if
there is no difference, and 1 if there is one.

Examples:
  rondo verify --data ./data --definition cycle.yaml
  rondo verify --data ./data --definition listener.yaml musician.yaml --archive /backup/rondo
  RONDO_REDIS=redis://redis:6379 rondo verify --brokers kafka:9092 --partitions 6 --definition cycles
`

/** `rondo verify`. */
export function declareVerify(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('verify')
    .description('compute everything again from the log, and compare it with what is stored')
    .option('--data <folder>', 'the data folder of a Rondo that has ended')
    .option('--brokers <list>', 'a Rondo on Kafka, which may run')
    .requiredOption('--definition <files...>', 'the cycle definitions of this Rondo, or a folder of them')
    .option('--archive <folder>', 'the archive of the log, if it is not where it was when the log was trimmed')
    .option('--scratch <folder>', 'where the new state is made and deleted at the end; the folder for temporary files unless set')
    .option('--prefix <text>', 'with --brokers: the prefix of the topics', '')
    .option('--group <name>', 'with --brokers: the group of the processors', 'rondo')
    .option('--partitions <n>', 'with --brokers: the number of partitions', '6')
    .option('--first-cycle <name>', 'with --brokers: the cycle whose topics have no cycle in their names (default: that of the first definition)')
    .option('--generation <n>', 'with --brokers: which run of the definitions over the log is verified', '1')
    .option('--redis-prefix <text>', 'with --brokers: what begins every key in Redis', 'rondo')
    .addHelpText('after', HELP)
    .action(async (flags: VerifyFlags) => setExitCode(await verify(flags, terminal)))
}

/** Help should not wait for the fold, DuckDB and the clients to load. */
async function verify({ data, brokers, ...flags }: VerifyFlags, terminal: Terminal): Promise<number> {
  if (data !== undefined && brokers === undefined) return await (await import('./run-verify.ts')).runVerify(data, flags, terminal)
  if (data !== undefined || brokers === undefined) throw invalidArgument('--data, --brokers: expected one of them, because each names a Rondo.')
  return await (await import('./run-cluster-verify.ts')).runClusterVerify(brokers, flags, terminal)
}
