import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { plannedEventSchema, printable, unplannedModes } from '#contracts'
import { exitCodes } from '../exit-code.ts'
import { fileReason, invalidArgument } from '../failure.ts'
import { DEFAULT_URL, Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { checkFile } from './check-file.ts'

const HELP = `
The tracking plan has a contract for the events of a name: a JSON Schema, observed or enforced. RONDO_KEY in the environment is an admin key
to change, a read key to look.

Examples:
  rondo plan put "Order Completed" order.schema.json            observed: events that do not fit are stored and counted
  rondo plan put "Order Completed" order.schema.json --enforce --expected-version 1
  rondo plan list
  rondo plan show "Order Completed"
  rondo plan check events.ndjson                                which events of a file do not fit; nothing is sent
  rondo plan remove "Order Completed"
`

const { event, version, mode, schema } = plannedEventSchema.shape
const planSchema = z.looseObject({
  unplanned: z.looseObject({ mode: z.enum(unplannedModes) }),
  items: z.array(z.looseObject({ event, version, mode })),
})
const shownSchema = z.looseObject({ event, version, mode: mode.nullable(), schema: schema.optional() })
const retiredSchema = z.looseObject({ event, version })

interface Flags {
  readonly url: string
}
interface PutFlags extends Flags {
  readonly enforce?: boolean
  readonly expectedVersion?: string
}

/** `rondo plan list`, `show`, `put`, `remove` and `check`. */
export function declarePlanCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const plan = program.command('plan').description('contracts for events: look, change, check a file').addHelpText('after', HELP)
  const declare = (name: string, description: string): Command =>
    plan.command(name).description(description).option('--url <url>', 'the server to ask', DEFAULT_URL)
  declare('list', 'list the names in the plan').action(async (flags: Flags) => setExitCode(await list(flags, terminal)))
  declare('show', 'print the contract of a name, as JSON')
    .argument('<event>', 'name of the events')
    .action(async (name: string, flags: Flags) => setExitCode(await show(name, flags, terminal)))
  declare('put', 'make or change the contract of a name')
    .argument('<event>', 'name of the events')
    .argument('<file>', 'the JSON Schema')
    .option('--enforce', 'refuse events that do not fit; without it, they are stored and counted')
    .option('--expected-version <version>', 'refuse the change if the contract has another version')
    .action(async (name: string, file: string, flags: PutFlags) => setExitCode(await put(name, file, { flags, terminal })))
  declare('remove', 'take a name out of the plan')
    .argument('<event>', 'name of the events')
    .action(async (name: string, flags: Flags) => setExitCode(await remove(name, flags, terminal)))
  declare('check', 'check the events of a file against the plan')
    .argument('<file>', 'calls of the Segment format or stored events, one JSON a line')
    .action(async (file: string, flags: Flags) => setExitCode(await check(file, flags, terminal)))
}

const eventPath = (name: string): string => `/v1/plan/events?event=${encodeURIComponent(name)}`

async function list({ url }: Flags, { output, messages, stop }: Terminal): Promise<number> {
  const plan = await new Server(url, stop).get('/v1/plan', planSchema)
  for (const item of plan.items) output.write(`${`version ${item.version}`.padEnd(12)}  ${item.mode.padEnd(7)}  ${printable(item.event)}\n`)
  messages.write(`rondo: ${plan.items.length} names; other names: ${plan.unplanned.mode}.\n`)
  return exitCodes.done
}

async function show(name: string, { url }: Flags, { output, stop }: Terminal): Promise<number> {
  output.write(`${JSON.stringify(await new Server(url, stop).get(eventPath(name), shownSchema), null, 2)}\n`)
  return exitCodes.done
}

async function put(name: string, file: string, { flags, terminal }: { flags: PutFlags; terminal: Terminal }): Promise<number> {
  const expectedVersion = flags.expectedVersion === undefined ? undefined : Number(flags.expectedVersion)
  const body = JSON.stringify({ event: name, mode: flags.enforce === true ? 'enforce' : 'observe', schema: readSchema(file), expectedVersion })
  const planned = await new Server(flags.url, terminal.stop).put('/v1/plan/events', { body, type: 'application/json' }, plannedEventSchema)
  terminal.messages.write(`rondo: ${printable(planned.event)} has version ${planned.version}, ${planned.mode === 'enforce' ? 'enforced' : 'observed'}.\n`)
  return exitCodes.done
}

async function remove(name: string, { url }: Flags, { messages, stop }: Terminal): Promise<number> {
  const retired = await new Server(url, stop).delete(eventPath(name), retiredSchema)
  messages.write(`rondo: ${printable(retired.event)} is not in the plan any more (version ${retired.version}).\n`)
  return exitCodes.done
}

/** The server checks the schema and names its defects. */
function readSchema(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw invalidArgument(`${file} cannot be read as JSON: ${error instanceof SyntaxError ? error.message : fileReason(error)}.`)
  }
}

/** Asks for the whole plan, and checks here. */
async function check(file: string, { url }: Flags, terminal: Terminal): Promise<number> {
  const server = new Server(url, terminal.stop)
  const { unplanned, items } = await server.get('/v1/plan', planSchema)
  const shown = await Promise.all(items.map((item) => server.get(eventPath(item.event), shownSchema)))
  const contracts = shown.flatMap((each) =>
    each.mode === null || each.schema === undefined ? [] : [{ event: each.event, version: each.version, mode: each.mode, schema: each.schema }],
  )
  return await checkFile(file, { contracts, unplanned: unplanned.mode }, terminal)
}
