import type { Command } from 'commander'
import { z } from 'zod'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { DEFAULT_URL, Server } from './server.ts'

const HELP = `
A link shows one actor (/v1/actors/TYPE/ID) or one picture (what is below /v1/cycles/NAME/) to everybody who has it, until it ends or its
read key does (docs/guides/embed.md). It is printed alone, on standard output. RONDO_KEY in the environment is the read key that signs it;
with an admin key, or where no key is needed, --key names the one that signs.

Examples:
  rondo link /v1/cycles/shopper/stages
  rondo link '/v1/cycles/shopper/counts?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z&by=day' --duration 30d
  rondo link /v1/actors/user/00042 --key 4f1d2c3b4a59 --url https://rondo.example
`

const answerSchema = z.looseObject({ path: z.string().startsWith('/'), endsAt: z.string() })

/** The flags of `rondo link`. */
interface Flags {
  readonly url: string
  readonly duration?: string
  readonly key?: string
}

/** `rondo link`. */
export function declareLink(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('link')
    .description('make a signed link to one actor or one picture')
    .argument('<path>', 'what it shows: a path with its query, or its whole address')
    .option('--url <url>', 'the server to ask, and the beginning of the link', DEFAULT_URL)
    .option('--duration <duration>', 'how long it is valid, at most 30d; 7d unless given')
    .option('--key <id>', 'the id of the read key that signs it')
    .addHelpText('after', HELP)
    .action(async (path: string, flags: Flags) => setExitCode(await link(path, flags, terminal)))
}

async function link(address: string, { url, duration, key }: Flags, { output, messages, stop }: Terminal): Promise<number> {
  const server = new Server(url, stop)
  const path = address.startsWith(`${server.url}/`) ? address.slice(server.url.length) : address
  if (!path.startsWith('/')) throw invalidArgument(`Expected a path, such as /v1/cycles/NAME/stages, or an address below ${server.url}, found ${address}.`)
  const body = JSON.stringify({ path, duration, key })
  const made = await server.post('/v1/links', { body, type: 'application/json' }, answerSchema)
  output.write(`${server.url}${made.path}\n`)
  messages.write(`rondo: it ends at ${made.endsAt}, or with the key that signed it.\n`)
  return exitCodes.done
}
