import type { Command } from 'commander'
import { z } from 'zod'
import { printable, reloadedSchema } from '#contracts'
import { exitCodes } from '../exit-code.ts'
import { DEFAULT_URL, Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'

const HELP = `
The process reads its file of settings, and the files that its settings name, again. Everything is checked first: if one part is wrong, nothing changes, and every defect is
listed. RONDO_KEY in the environment is an admin key. A process on Kafka is asked by itself; a SIGHUP does the same.

Examples:
  rondo reload
  rondo reload --url http://127.0.0.1:8083
`

const answerSchema = z.looseObject({ changes: z.array(z.looseObject(reloadedSchema.shape.changes.element.shape)) })

/** `rondo reload`. */
export function declareReload(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('reload')
    .description('make a running Rondo read its settings and files again')
    .option('--url <url>', 'the server to ask', DEFAULT_URL)
    .addHelpText('after', HELP)
    .action(async ({ url }: { url: string }) => setExitCode(await reload(url, terminal)))
}

async function reload(url: string, { messages, stop }: Terminal): Promise<number> {
  const { changes } = await new Server(url, stop).post('/v1/reload', { body: '', type: 'application/json' }, answerSchema)
  const lines = changes.map(({ name, change }) => `  ${printable(name)} ${printable(change)}`)
  messages.write(lines.length === 0 ? 'rondo: nothing has changed.\n' : `rondo: reloaded:\n${lines.join('\n')}\n`)
  return exitCodes.done
}
