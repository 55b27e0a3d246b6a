import type { Command } from 'commander'
import { declareShapeOptions } from '../rows/row-flags.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { ImportFlags } from './import-flags.ts'

const HELP = `
Imports a history into a Rondo: over HTTP if Rondo is running, into its data folder if it is stopped, or into Kafka topics before
ingest is started for the first time. The input has the same forms as for rondo replay: NDJSON (activity events or Segment calls) or,
with --csv, CSV with a header; plain, .gz or .zst. Rows are sorted first. Outputs of imported rows have the origin backfill. Live events
that arrive during the import are written after it.

Import the history before live events are folded: when log time has passed the time of the first row plus the grace period, the import
is refused (RONDO_IMPORT_TOO_OLD), on Kafka as soon as the topics hold any record (RONDO_LOG_NOT_EMPTY). Only one import can run at a
time; live events wait for its end.

An interrupted import continues when the same command is given again: same file, same options.
A running server waits 15 minutes for it and then ends the import. No row is imported twice. On Kafka the position of an import is not
stored: after an interruption, start again with topics of another --prefix.

A row that is more than 5 minutes ahead of the clock (a sentinel such as 9999-12-31) is refused; --shift-to-now uses the last of the
other rows. The forms of times, separators and encodings are those of rondo replay (see rondo replay --help).

Refused rows are reported with their line and kept in quarantine with the reason; the other rows are imported.

Examples:
  Purchases by customer and day into the Rondo that runs here:
    rondo import --input purchases.csv.gz --csv --actor customer_id --time date --event "Order Completed" --property cds dollars

  The same, as if the last of them had happened just now:
    rondo import --input purchases.csv.gz --csv --actor customer_id --time date --event "Order Completed" \\
      --property cds dollars --shift-to-now

  An archive of Segment calls into a new folder, to be started with it afterwards:
    rondo import --input calls.ndjson.zst --data ./data --definition cycle.yaml
    rondo start --data ./data --definition cycle.yaml

  Purchases into Kafka, before the apps are started:
    rondo import --input purchases.csv.gz --csv --actor customer_id --time date --event "Order Completed" \\
      --property cds dollars --brokers localhost:9092 --definition cycle.yaml

Exit codes: 0 done; 2 bad arguments or a bad definition, each defect named, no import begun; 3 rows were refused, the others are imported;
1 anything else, such as a server that cannot be reached; 130 interrupted, can be continued.
`

/** `rondo import`. */
export function declareImport(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const command = program
    .command('import')
    .description('import a history of events into a Rondo, running or stopped')
    .usage('--input FILE [--url URL | --data FOLDER --definition FILE | --brokers HOST:PORT --definition FILE] [options]')
    .option('--input <file>', 'the events; - for standard input')
    .option('--url <url>', `the running Rondo (default: "${DEFAULT_URL}")`)
    .option('--data <folder>', 'the data folder of a stopped Rondo, created if it is missing; needs --definition')
    .option('--brokers <list>', 'the Kafka brokers of a Rondo whose ingest has never run; needs --definition')
    .option('--prefix <text>', 'prefix of the names of its topics')
    .option('--partitions <n>', 'number of partitions of its topics; missing topics are created (default: 6)')
    .option('--replication <n>', 'number of copies of each record (default: 3)')
    .option('--activity-retention <time>', 'how long the topics keep the log, as RONDO_ACTIVITY_RETENTION (default: for ever)')
    .option('--archive <folder>', 'the folder of the archive of the log, as RONDO_ARCHIVE; a retention needs one')
    .option('--definition <files...>', 'the cycle definitions with which Rondo will be started, or a folder of them, in the same order')
    .option('--shift-to-now', 'move all times by the same amount, so that the last event happens now')
    .option('--from <time>', 'leave out rows that happened before')
    .option('--to <time>', 'leave out rows that happened at this time or later')
    .option('--allow-future', 'with --shift-to-now: rows that are more than 5 minutes ahead of the clock are moved with the others')
    .option('--as-recorded', 'rows arrive at the time in their column --recorded, in that order; else when they happened')
  declareShapeOptions(command)
  command
    .addHelpText('after', HELP)
    // Unknown options and words are in `args`, so that they are reported together with the other defects.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: ImportFlags, { args }: Command) => {
      const { runImport } = await import('./run-import.ts')
      setExitCode(await runImport(flags, args, terminal))
    })
}
