import type { Command } from 'commander'
import { z } from 'zod'
import { printable } from '#contracts'
import { ArgumentDefects, readCount } from '../argument-defects.ts'
import { exitCodes } from '../exit-code.ts'
import { failureText, invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { CYCLE_OPTION, type CycleHead, readCycleHead } from './cycle-head.ts'
import { DEFAULT_URL, Server } from './server.ts'

const HELP = `
Shows in which stage an actor is, since when, and its outputs: newest first, each with its evidence. Retracted outputs stay in the
list and are marked.

Examples:
  rondo explain 00042
  rondo explain 00042 --limit 5
  rondo explain 00042 --cycle listener
  rondo explain 'band/7' --type musician --url http://127.0.0.1:9000
`

const PAGE_MAX = 500

const historySchema = z.looseObject({
  title: z.string().nullable(),
  since: z.string().nullable(),
  asOf: z.looseObject({ logTime: z.string().nullable() }),
  history: z.array(z.looseObject({ words: z.string(), grounds: z.array(z.string()), retracted: z.boolean(), output: z.looseObject({ at: z.string() }) })),
  next: z.int().nullable(),
})
/** The answer with the history of an actor. */
type History = z.infer<typeof historySchema>

/** The flags of `rondo explain`. */
interface Flags {
  readonly url: string
  readonly type?: string
  readonly cycle?: string
  readonly limit: string
}

/** `rondo explain`. */
export function declareExplain(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('explain')
    .description('show the stage of an actor, and why it is there')
    .argument('<actor>', 'id of the actor')
    .option('--url <url>', 'the server to ask', DEFAULT_URL)
    .option(...CYCLE_OPTION)
    .option('--type <type>', 'type of the actor (default: that of the cycle)')
    .option('--limit <number>', 'how many outputs to show', '20')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: Flags) => setExitCode(await explain(checkedId(id), flags, terminal)))
}

async function explain(id: string, flags: Flags, { messages, output, stop }: Terminal): Promise<number> {
  const defects = new ArgumentDefects()
  const limit = readCount('--limit', flags.limit, defects)
  const server = defects.try(() => new Server(flags.url, stop))
  if (limit === undefined || server === undefined) {
    for (const failure of defects.failures) messages.write(failureText(failure))
    return exitCodes.invalid
  }
  const head = await readCycleHead(server, flags)
  const type = flags.type ?? head.actor
  let shown = 0
  for await (const page of pagesOf(server, { type, id }, { limit, query: head.query })) {
    if (shown === 0) output.write(stageText(printable(`${type} ${id}`), page, head))
    for (const receipt of page.history) output.write(receiptText(receipt, head))
    shown += page.history.length
    if (shown >= limit && page.next !== null) output.write('There is more: --limit shows it.\n')
    await output.flush()
  }
  return exitCodes.done
}

/** @throws RondoError RONDO_ARGUMENT_INVALID for no id at all */
function checkedId(id: string): string {
  if (id === '') throw invalidArgument(`Expected the id of an actor, found ${JSON.stringify(id)}.`)
  return id
}

/** An actor's history, page by page, up to its end or up to `limit` outputs. */
async function* pagesOf(
  server: Server,
  actor: { type: string; id: string },
  { limit, query: cycle }: { limit: number; query: string },
): AsyncGenerator<History> {
  // In the query, since a path that ends with `..` would be another path.
  const path = `/v1/actors?type=${encodeURIComponent(actor.type)}&id=${encodeURIComponent(actor.id)}${cycle}`
  let query = ''
  for (let left = limit; left > 0; ) {
    const page = await server.get(`${path}&limit=${Math.min(left, PAGE_MAX)}${query}`, historySchema)
    yield page
    if (page.next === null) return
    query = `&before=${page.next}`
    left -= page.history.length
  }
}

function stageText(who: string, { title, since, asOf }: History, head: CycleHead): string {
  const time = (iso: string): string => `${head.localTime(iso)} ${head.timezone}`
  const where = title === null || since === null ? 'in no stage: all transitions were retracted' : `${title} since ${time(since)}`
  return `${who}: ${where}\n${asOf.logTime === null ? '' : `as of ${time(asOf.logTime)}\n`}\n`
}

function receiptText({ words, grounds, retracted, output }: History['history'][number], head: CycleHead): string {
  const time = head.localTime(output.at)
  const margin = ' '.repeat(time.length + 2)
  const lines = [`${time}  ${words}${retracted ? ' [retracted since]' : ''}`, ...grounds.map((ground) => `${margin}- ${ground}`)]
  return `${lines.join('\n')}\n`
}
