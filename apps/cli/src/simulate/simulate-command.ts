import type { Command } from 'commander'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { SimulateFlags } from './simulate-flags.ts'

const HELP = `
Writes the events of a made-up music service as NDJSON (calls of the Segment dialect, ordered by time): listeners who search, play, meet, take
part, leave and come back; musicians who publish; songs whose rights expire and return. Its words are those of the cycles listener and
musician that come with Rondo. The same options give the same bytes.

--truth writes what is true and nobody can see: who left because of what, who would have come back anyway, what a campaign did, and by how
much each driver changes each step. So you can measure what a method finds. With --null no driver changes anything.

With --url the ecosystem lives on after its --days: its calls are sent to a Rondo until Ctrl-C. Its time passes --speed times as fast as that of the
clock, and each call is stamped with the time at which it is sent. So there are more events in a minute, and no absence comes earlier.

Examples:
  A year of 10,000 listeners and 200 musicians, with the truth beside it:
    rondo simulate --listeners 10000 --musicians 200 --days 365 --truth truth.ndjson --output events.ndjson

  The same history into a Rondo that runs here with both cycles, and then its life, an hour a second:
    rondo simulate --until 2026-11-01 | rondo import --input -
    rondo simulate --until 2026-11-01 --url ${DEFAULT_URL} --speed 3600

  Without a server, the stage transitions of the listeners:
    rondo simulate | rondo replay --definition deploy/cycles/listener.yaml --input - > transitions.ndjson
`

/** `rondo simulate`. */
export function declareSimulate(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('simulate')
    .description('write or send the events of a made-up music service in which the truth is known')
    .option('--listeners <number>', 'how many listeners join within a year', '1000')
    .option('--musicians <number>', 'how many musicians join within a year', '50')
    .option('--days <number>', 'how many days are written', '180')
    .option('--until <time>', 'the midnight of UTC at which they end (default: the last one)')
    .option('--seed <number>', 'another number gives another ecosystem', '1')
    .option('--null', 'no driver, need or campaign changes anything')
    .option('--output <file>', 'file of the events; - for standard output', '-')
    .option('--truth <file>', 'file of the truth, one record on each line')
    .option('--url <url>', 'the server to which its life after these days is sent; nothing is written')
    .option('--speed <times>', 'with --url: how many times as fast as the clock its time passes, such as 60 or 60x', '60')
    .addHelpText('after', HELP)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: SimulateFlags, { args }: Command) => {
      const { runSimulate } = await import('./run-simulate.ts')
      setExitCode(await runSimulate(flags, args, terminal))
    })
}
