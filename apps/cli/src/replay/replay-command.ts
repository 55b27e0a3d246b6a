import type { Command } from 'commander'
import { timeFormats } from '#sources'
import { declareShapeOptions } from '../rows/row-flags.ts'
import type { Terminal } from '../terminal.ts'
import type { ReplayFlags } from './replay-flags.ts'

const HELP = `
The input is NDJSON (activity events or Segment calls) or, with --csv, CSV with a header; plain, .gz or .zst. Rows are sorted before
they are folded, for files of any size. Each transition, notice and retraction becomes one line of JSON; equal inputs give equal
bytes. A summary goes to standard error.

Times (--from, --until and in CSV): ISO 8601, extended or basic, with any offset; YYYY-MM-DD; digits alone, recognized by how many they are:
8 YYYYMMDD, 14 YYYYMMDDHHMMSS, 10, 13, 16 and 19 Unix seconds, milliseconds, microseconds and nanoseconds. In CSV --time-format forces one:
${timeFormats.join(', ')}, or a pattern such as "DD/MM/YYYY HH:mm". Without an offset they are in UTC, or in --timezone. A local
time that occurs twice, because clocks were set back, means the first one. A local time that does not exist, because clocks were set
forward, is refused.

A row that is more than 5 minutes ahead of the clock (a sentinel such as 9999-12-31) is refused, unless --allow-future is given. --from and
--to select rows by their time: from --from (included) to --to (not included). --until is the time to which time passes at the end.

NDJSON of other systems: --map gives the place of each part, as a path such as user.id or /user/id, or as JSON such as
'["at","created"]' for the first of several places that has a value. --event gives one name for all rows:
  --map actor=user.id time=created_at id=nr properties=order --event "Order Completed"

The separator of CSV is recognized by its header (comma, semicolon, tab, bar, or the character of a line sep=;), or given by --delimiter; lines end in line
feeds, or in carriage returns alone. Text is UTF-8, or UTF-16 with a byte order mark, or in the encoding of --encoding.

Examples:
  Purchases by customer and day, everyone's stage on 1 July 1998:
    rondo replay --definition cycle.yaml --input purchases.csv.gz --csv --actor customer_id --time date \\
      --event "Order Completed" --property cds dollars --until 1998-07-01 > out.ndjson

  As the outputs were published at the time, with retractions and late events:
    rondo replay --definition cycle.yaml --input log.csv --csv --actor user --time ts --recorded recorded_ts --as-recorded \\
      --late late.ndjson --output out.ndjson

  From another program, only outputs that were not retracted:
    zcat events.ndjson.gz | rondo replay --definition cycle.yaml --input - --effective | jq -r .kind | sort | uniq -c

Exit codes: 0 done; 2 bad arguments or a bad definition, each defect named, nothing written; 3 rows were refused (each is named with
its line) and the others folded; 1 anything else, such as a damaged archive or a full disk.
`

/** `rondo replay`. */
export function declareReplay(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const command = program
    .command('replay')
    .description('fold a history of events and print every stage transition')
    .usage('--definition FILE --input FILE [options]')
    .option('--definition <file>', 'the cycle definition, YAML or JSON')
    .option('--input <file>', 'the events; - for standard input')
    .option('--from <time>', 'leave out rows that happened before')
    .option('--to <time>', 'leave out rows that happened at this time or later (--until says how far time passes)')
    .option('--until <time>', 'let time pass up to here at the end; not before the last arrival (default: the last arrival)')
    .option('--as-recorded', 'rows arrive at the time in their column --recorded, in that order; else when they happened')
    .option('--allow-future', 'take rows that are more than 5 minutes ahead of the clock')
    .option('--effective', 'write only outputs that were not retracted')
    .option('--output <file>', 'file of the outputs; - for standard output', '-')
    .option('--late <file>', 'file of the late events, one on each line')
    .option('--batch <number>', 'how many rows and deadlines one step takes; the output does not depend on it', '4096')
  declareShapeOptions(command)
  command
    .addHelpText('after', HELP)
    // Unknown options and words come back in `args`, so that they are named beside the other defects.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: ReplayFlags, { args }: Command) => {
      // Help should not wait for the fold to load.
      const { runReplay } = await import('./run-replay.ts')
      setExitCode(await runReplay(flags, args, terminal))
    })
}
