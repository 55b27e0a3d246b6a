import type { Command } from 'commander'
import { z } from 'zod'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { askAgain } from './ask-again.ts'
import { CYCLE_OPTION, type CycleHead, readCycleHead } from './cycle-head.ts'
import { DEFAULT_URL, Server } from './server.ts'

const HELP = `
Prints each transition, notice and retraction when it is published, one line each, until Ctrl-C. At its end it prints the cursor to
continue with, so that nothing is missed. If the server goes away, it waits until the server is back.

Examples:
  rondo tail                               from now on
  rondo tail --after 0                     from the beginning of the feed
  rondo tail --cycle listener              of one cycle, where a server shows several
  rondo tail --json | jq -r .output.kind   for programs
`

const PAGE = 500
/** How long the server waits for a record before it answers with an empty page. Less than its limit of 30 s. */
const WAIT_S = 20
const PAUSES = { pauseMs: 500, pauseMsMax: 5000 }

/** A number if the log has one partition; otherwise one number for each, with dots between them. */
const cursorSchema = z.union([z.int(), z.string()])
const itemSchema = z.looseObject({ cursor: cursorSchema, words: z.string(), output: z.looseObject({ at: z.string(), kind: z.string() }) })
const pageSchema = z.looseObject({ items: z.array(itemSchema), next: cursorSchema })
/** One output of the feed, as a server answers it. */
type Item = z.infer<typeof itemSchema>

/** The flags of `rondo tail`. */
interface Flags {
  readonly url: string
  readonly after: string
  readonly json?: boolean
  readonly cycle?: string
}

/** `rondo tail`. */
export function declareTail(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('tail')
    .description('print transitions as they happen')
    .option('--url <url>', 'the server to ask', DEFAULT_URL)
    .option(...CYCLE_OPTION)
    .option('--after <cursor>', 'where to begin: a cursor, 0 for the beginning, now for what comes next', 'now')
    .option('--json', 'print lines of JSON: cursor, words and the output as it was published')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => setExitCode(await tail(flags, terminal)))
}

async function tail(flags: Flags, terminal: Terminal): Promise<number> {
  if (flags.after !== 'now' && !/^[\d.]{1,10000}$/.test(flags.after)) throw invalidArgument(`--after: expected a cursor or now, found ${flags.after}.`)
  const { stop, messages } = terminal
  const server = new Server(flags.url, stop)
  const head = await readCycleHead(server, flags)
  const lineFor = flags.json === true ? (item: Item) => JSON.stringify(item) : lineOf(head, terminal.colours === true)
  const print = (text: string): void => void messages.write(text)
  const lost = (): string => `${server.url} does not answer any more; waiting for it to come back.`
  let cursor: z.infer<typeof cursorSchema> = flags.after === 'now' ? (await server.get(`/v1/transitions?newest=0${head.query}`, pageSchema)).next : flags.after
  try {
    for (;;) {
      const ask = () => server.get(`/v1/transitions?words=true&after=${cursor}&limit=${PAGE}&wait=${WAIT_S}${head.query}`, pageSchema)
      const { items, next } = await askAgain(ask, { server, stop, print, lost, pauses: PAUSES })
      for (const item of items) terminal.output.write(`${lineFor(item)}\n`)
      await terminal.output.flush()
      cursor = next
    }
  } catch (error) {
    if (!stop.aborted) throw error
    messages.write(`rondo: ended; continue with --after ${cursor}.\n`)
    return exitCodes.done
  }
}

/** Numbers of the styles and colours of terminals (ANSI SGR). */
const DIM = 2
const colours: Readonly<Record<string, number>> = { disengage: 31, notice: 33, return: 32, resume: 32, retraction: DIM }

function lineOf({ localTime }: CycleHead, isColoured: boolean): (item: Item) => string {
  const paint = (code: number | undefined, text: string): string => (isColoured && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text)
  return ({ words, output }) => `${paint(DIM, localTime(output.at))}  ${paint(colours[output.kind], words)}`
}
