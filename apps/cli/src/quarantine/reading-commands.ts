import type { Command } from 'commander'
import { z } from 'zod'
import { exitCodes } from '../exit-code.ts'
import { Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { type FilterFlags, filterOf, withFilter } from './filter-flags.ts'
import { listSchema, receiptSchema, receiptsSchema, refusedSchema } from './refused-answers.ts'
import { lineOf, usageText } from './refused-text.ts'

const PAGE = '500'

/** The options of `rondo quarantine list`. */
interface ListFlags extends FilterFlags {
  readonly state: string
  readonly json?: boolean
}
/** The options of `rondo quarantine export`. */
interface ExportFlags extends FilterFlags {
  readonly state: string
  readonly as: string
}

/** The commands that change nothing. */
export function declareReadingCommands(quarantine: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const state = ['--state <state>', 'open, settled (replayed or discarded) or all', 'open'] as const
  withFilter(quarantine.command('list').description('list refused events, the oldest first'))
    .option(...state)
    .option('--json', 'print lines of JSON')
    .action(async (flags: ListFlags) => setExitCode(await list(flags, terminal)))
  withFilter(quarantine.command('export').description('print refused events as lines of JSON'))
    .option(...state)
    .option('--as <form>', 'record: with the reason; raw: what was refused alone, for rondo import', 'record')
    .action(async (flags: ExportFlags) => setExitCode(await exportAll(flags, terminal)))
  withUrl(quarantine.command('show').description('print a refused event').argument('<id>', 'id in the list')).action(async (id: string, { url }: FilterFlags) =>
    setExitCode(await show(`/v1/quarantine/${encodeURIComponent(id)}`, refusedSchema, { url, terminal })),
  )
  withUrl(quarantine.command('receipt').description('print what became of refused events').argument('[id]', 'id of one receipt; all without it')).action(
    async (id: string | undefined, { url }: FilterFlags) => setExitCode(await receipt(id, url, terminal)),
  )
}

const withUrl = (command: Command): Command => command.option('--url <url>', 'the server to ask', 'http://127.0.0.1:8080')

async function list(flags: ListFlags, { output, messages, stop }: Terminal): Promise<number> {
  const server = new Server(flags.url, stop)
  for (let after = '0', more = true; more; ) {
    const query = new URLSearchParams({ ...filterOf(flags), state: flags.state, after, limit: PAGE })
    const page = await server.get(`/v1/quarantine?${query}`, listSchema)
    for (const item of page.items) output.write(`${flags.json === true ? JSON.stringify(item) : lineOf(item)}\n`)
    await output.flush()
    ;({ next: after, more } = page)
    if (!more) messages.write(`rondo: ${usageText(page.usage)}\n`)
  }
  return exitCodes.done
}

async function exportAll(flags: ExportFlags, { output, stop }: Terminal): Promise<number> {
  const server = new Server(flags.url, stop)
  for (let after = '0', more = true; more; ) {
    const query = new URLSearchParams({ ...filterOf(flags), state: flags.state, as: flags.as, after, limit: PAGE })
    const page = await server.lines(`/v1/quarantine?${query}`)
    output.write(page.text)
    await output.flush()
    after = page.headers.get('rondo-next') ?? after
    more = page.headers.get('rondo-more') === 'true'
  }
  return exitCodes.done
}

async function show(path: string, schema: z.ZodType, { url, terminal }: { url: string; terminal: Terminal }): Promise<number> {
  terminal.output.write(`${JSON.stringify(await new Server(url, terminal.stop).get(path, schema), null, 2)}\n`)
  return exitCodes.done
}

async function receipt(id: string | undefined, url: string, terminal: Terminal): Promise<number> {
  if (id !== undefined) return show(`/v1/quarantine/receipts/${encodeURIComponent(id)}`, receiptSchema, { url, terminal })
  const { items } = await new Server(url, terminal.stop).get('/v1/quarantine/receipts', receiptsSchema)
  for (const { id: name, kind, at, by, count } of items) terminal.output.write(`${name}  ${at}  ${kind} ${count}, by ${by}\n`)
  return exitCodes.done
}
