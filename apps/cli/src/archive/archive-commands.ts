import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { ArchiveFlags } from './archive-flags.ts'

const HELP = `
The log of accepted events grows for ever, because everything else is made from it. An archive has its older part as Parquet files, one for
each partition and day of UTC, which other programs can read too (docs/guides/archive.md). Rondo reads the archive and the log as one.

1. write adds what the archive does not have yet, up to yesterday, beside a running Rondo.
2. trim compares the archive with the log, and removes from the log what is archived, older than --keep, and not needed by a restart.

Examples:
  rondo archive write --data ./data --archive /backup/rondo
  rondo archive verify --archive /backup/rondo
  rondo archive list --archive /backup/rondo
  rondo archive trim --data ./data --archive /backup/rondo --keep 30d
  rondo archive write --brokers kafka:9092 --archive /backup/rondo
  rondo archive trim --brokers kafka:9092 --archive /backup/rondo
`

// Help should not wait for the log and Parquet to load.
const loaded = () => import('./run-archive.ts')

/** `rondo archive write`, `verify`, `list` and `trim`. */
export function declareArchiveCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const archive = program.command('archive').description('keep the older part of the log as Parquet files').addHelpText('after', HELP)
  const declare = (name: string, description: string): Command =>
    archive.command(name).description(description).requiredOption('--archive <folder>', 'the folder of the archive')
  const withLog = (command: Command): Command =>
    command
      .option('--data <folder>', 'the data folder of a Rondo')
      .option('--brokers <list>', 'the Kafka brokers of a Rondo')
      .option('--prefix <text>', 'with --brokers: prefix of the names of its topics', '')
      .option('--partitions <n>', 'with --brokers: number of partitions of its topics', '6')
  withLog(declare('write', 'write what the archive does not have yet'))
    .option('--all', 'also the present day, of a Rondo that has ended')
    .action(async (flags: ArchiveFlags) => setExitCode(await (await loaded()).runWrite(flags, terminal)))
  declare('verify', 'read every file, and compare it with its checksums').action(async (flags: ArchiveFlags) =>
    setExitCode(await (await loaded()).runVerify(flags, terminal)),
  )
  declare('list', 'list the files, with their days and offsets').action(async (flags: ArchiveFlags) => setExitCode((await loaded()).runList(flags, terminal)))
  withLog(declare('trim', 'remove from the log what the archive has, after a comparison of both'))
    .option('--keep <duration>', 'how long records stay in the log beside the archive', '7d')
    .option('--compact', 'with --data: then write log.db again without its free space')
    .action(async (flags: ArchiveFlags) => setExitCode(await (await loaded()).runTrim(flags, terminal)))
}
