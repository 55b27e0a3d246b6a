import type { Command } from 'commander'
import { declareShapeOptions } from '../rows/row-flags.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { ImportFlags } from './import-flags.ts'

const HELP = `
Puts a history into a Rondo: into a running one over HTTP, into the data folder of a stopped one, or into the topics of one on Kafka
before its ingest is started for the first time. The input is what rondo replay
reads: NDJSON (activity events or Segment calls) or, with --csv, CSV with a header; plain, .gz or .zst. Rows are sorted first. What
comes of them is marked as history (origin: backfill), and live events that arrive meanwhile are written behind it.

History goes in before going live: once the log's time has passed the first row's time and the grace period of the definition, an
import is refused (RONDO_IMPORT_TOO_OLD). One import at a time; live events wait for its end.

An interrupted import continues when the same command is given again: same file, same options.
A running server waits for it for 15 minutes and then gives it up. Nothing goes in twice. In Kafka nothing tells how far an import
came: after one that was cut off, begin again in topics of another --prefix.

A row that is more than 5 minutes ahead of the clock (a sentinel such as 9999-12-31) is refused; --shift-to-now moves by the last of the
others. The forms of times, separators and encodings are those of rondo replay (see rondo replay --help).

Refused rows are named with their line and kept in quarantine with the reason; the others go in.

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

Exit codes: 0 done; 2 bad arguments or a bad definition, each defect named, nothing begun; 3 rows were refused and the others are in;
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
    .option('--data <folder>', 'the data folder of a stopped one, made if it is not there; needs --definition')
    .option('--brokers <list>', 'the Kafka brokers of one whose ingest has never run; needs --definition')
    .option('--prefix <text>', 'of the topics of that one')
    .option('--partitions <n>', 'of its topics, made where they are missing (default: 6)')
    .option('--replication <n>', 'copies of each record in them (default: 3)')
    .option('--activity-retention <time>', 'how long they keep the log, as RONDO_ACTIVITY_RETENTION (default: for ever)')
    .option('--definition <file>', 'the cycle definition that it is started with')
    .option('--shift-to-now', 'move all times by the same amount, so that the last event happens now')
    .option('--from <time>', 'leave out rows that happened before')
    .option('--to <time>', 'leave out rows that happened at this time or later')
    .option('--allow-future', 'with --shift-to-now: rows that are more than 5 minutes ahead of the clock are moved with the others')
    .option('--as-recorded', 'rows arrive when they were recorded, in that order; else when they happened')
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
