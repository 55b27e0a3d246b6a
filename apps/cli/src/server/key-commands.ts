import type { Command } from 'commander'
import { z } from 'zod'
import { printable } from '#contracts'
import { exitCodes } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { DEFAULT_URL, Server } from './server.ts'

const HELP = `
Keys say who may send (write), read, or administer. RONDO_KEY in the environment is the admin key that asks; it is not needed where the
server needs none. The text of a new key is printed once, alone, on standard output: nothing that is stored leads back to it.

Examples:
  rondo key create --role write --name shop --source shop
  rondo key create --role write --name web --origin https://shop.example --events-per-second 500
  rondo key create --role read --name board --cycle shopper --expires-at 2027-01-01T00:00:00Z
  rondo key list
  rondo key rotate 4f1d2c3b4a59 --overlap 1d    a new key in its place; the old one stays valid for a day
  rondo key revoke 4f1d2c3b4a59
`

const keySchema = z.looseObject({
  id: z.string(),
  role: z.string(),
  name: z.string(),
  endsAt: z.string().nullable(),
  valid: z.boolean(),
})
type Key = z.infer<typeof keySchema>
const createdSchema = z.looseObject({ text: z.string(), key: keySchema })

interface Flags {
  readonly url: string
}
interface CreateFlags extends Flags {
  readonly role: string
  readonly name: string
  readonly source?: string
  readonly environment?: string
  readonly cycle?: string[]
  readonly origin?: string[]
  readonly eventsPerSecond?: string
  readonly expiresAt?: string
}

/** `rondo key create`, `list`, `rotate` and `revoke`. */
export function declareKeyCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const key = program.command('key').description('make, list, replace and revoke keys').addHelpText('after', HELP)
  const declare = (name: string, description: string): Command =>
    key.command(name).description(description).option('--url <url>', 'the server to ask', DEFAULT_URL)
  declare('create', 'make a key, and print it once')
    .requiredOption('--role <role>', 'write, read or admin')
    .requiredOption('--name <name>', 'what people call it')
    .option('--source <source>', 'write keys: the source that their events carry')
    .option('--environment <name>', 'the only environment in which it is valid')
    .option('--cycle <cycles...>', 'read keys: the only cycles that they show')
    .option('--origin <origins...>', 'write keys: web pages that may send with them, such as https://shop.example')
    .option('--events-per-second <number>', 'write keys: how much may be sent')
    .option('--expires-at <time>', 'when it ends, such as 2027-01-01T00:00:00Z')
    .action(async (flags: CreateFlags) => setExitCode(await create(flags, terminal)))
  declare('list', 'list all keys, also those that have ended').action(async (flags: Flags) => setExitCode(await list(flags, terminal)))
  declare('rotate', 'make a key that may do the same, and end the old one')
    .argument('<id>', 'id of the key')
    .option('--overlap <duration>', 'how long the old one stays valid', '1d')
    .action(async (id: string, flags: Flags & { overlap: string }) => setExitCode(await rotate(id, flags, terminal)))
  declare('revoke', 'end a key at once')
    .argument('<id>', 'id of the key')
    .action(async (id: string, flags: Flags) => setExitCode(await revoke(id, flags, terminal)))
}

async function create({ url, cycle, origin, eventsPerSecond, ...flags }: CreateFlags, terminal: Terminal): Promise<number> {
  const rate = eventsPerSecond === undefined || !/^\d{1,9}$/.test(eventsPerSecond) ? eventsPerSecond : Number(eventsPerSecond)
  // The server checks the key and reports all its defects.
  const body = JSON.stringify({ ...flags, cycles: cycle, origins: origin, eventsPerSecond: rate })
  return printCreated(await new Server(url, terminal.stop).post('/v1/keys', { body, type: 'application/json' }, createdSchema), terminal)
}

async function rotate(id: string, { url, overlap }: Flags & { overlap: string }, terminal: Terminal): Promise<number> {
  const path = `/v1/keys/${encodeURIComponent(id)}/rotate?overlap=${encodeURIComponent(overlap)}`
  return printCreated(await new Server(url, terminal.stop).post(path, { body: '', type: 'application/json' }, createdSchema), terminal)
}

function printCreated({ text, key }: z.infer<typeof createdSchema>, { output, messages }: Terminal): number {
  messages.write(`rondo: the ${key.role} key ${key.id} (${printable(key.name)}) is made. Its text is shown only now:\n`)
  output.write(`${text}\n`)
  return exitCodes.done
}

async function list({ url }: Flags, { output, stop }: Terminal): Promise<number> {
  const { items } = await new Server(url, stop).get('/v1/keys', z.looseObject({ items: z.array(keySchema) }))
  for (const key of items) output.write(`${lineOf(key)}\n`)
  return exitCodes.done
}

function lineOf({ id, role, name, endsAt, valid }: Key): string {
  const end = endsAt === null ? 'no end' : `${valid ? 'ends' : 'ended'} ${endsAt}`
  return `${id}  ${role.padEnd(5)}  ${end.padEnd(30)}  ${printable(name)}`
}

async function revoke(id: string, { url }: Flags, { messages, stop }: Terminal): Promise<number> {
  const { role, name } = await new Server(url, stop).delete(`/v1/keys/${encodeURIComponent(id)}`, keySchema)
  messages.write(`rondo: the ${role} key ${id} (${printable(name)}) has ended.\n`)
  return exitCodes.done
}
