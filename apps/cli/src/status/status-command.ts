import type { Command } from 'commander'
import { ArgumentDefects } from '../argument-defects.ts'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { serverStatus } from './server-status.ts'
import { attentionOf, type Status } from './status.ts'
import { statusText } from './status-text.ts'

const HELP = `
Shows how far the fold is and how old log time is, writers that hold time back, what became of events (copies, late ones), and quarantine.
The exit code is 0 if all is well, and 1 if something needs attention; then the first lines say what.

Examples:
  rondo status
  rondo status --url http://127.0.0.1:8083
  rondo status --cycle listener
  rondo status --data ./data
  rondo status --brokers kafka:9092 --json
`

/** The flags of `rondo status`. */
interface Flags {
  readonly url?: string
  readonly data?: string
  readonly brokers?: string
  readonly prefix: string
  readonly group: string
  readonly cycle?: string
  readonly json?: boolean
}

/** `rondo status`. */
export function declareStatus(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('status')
    .description('show whether all is well: lag, writers that hold time, late events, quarantine')
    .option('--url <url>', `a running Rondo: rondo start, or serving (default: ${DEFAULT_URL})`)
    .option('--data <folder>', 'a data folder, also of a stopped Rondo')
    .option('--brokers <list>', 'a Rondo on Kafka')
    .option('--prefix <text>', 'with --brokers: the prefix of the topics', '')
    .option('--group <name>', 'with --brokers: the group of the processors', 'rondo')
    .option('--cycle <name>', 'only this cycle; with --brokers, its group is a name too')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => setExitCode(await show(flags, terminal)))
}

async function show(flags: Flags, terminal: Terminal): Promise<number> {
  const status = ofCycle(await readStatus(flags, terminal), flags)
  const attention = attentionOf(status)
  terminal.output.write(flags.json === true ? `${JSON.stringify({ ...status, attention })}\n` : statusText(status))
  await terminal.output.flush()
  return attention.length === 0 ? exitCodes.done : exitCodes.attention
}

/** The state with one cycle alone. On Kafka a cycle is known by its group, which has the name of the cycle behind a dot. */
function ofCycle(status: Status, { cycle: name, group }: Flags): Status {
  if (name === undefined) return status
  const cycles = status.cycles.filter(({ cycle }) => cycle === name || cycle === `${group}.${name}`)
  if (cycles.length > 0) return { ...status, cycles }
  const known = status.cycles.map(({ cycle }) => cycle)
  throw invalidArgument(`--cycle: there is no cycle ${JSON.stringify(name)} here${known.length === 0 ? '.' : `. There is: ${known.join(', ')}.`}`)
}

async function readStatus({ url, data, brokers, prefix, group }: Flags, { stop, clock, messages }: Terminal): Promise<Status> {
  const named = Object.entries({ url, data, brokers }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]))
  if (named.length > 1) throw invalidArgument(`${named.join(' and ')}: expected only one of them, because each names a Rondo.`)
  if (data === undefined && brokers === undefined) return await serverStatus(url ?? DEFAULT_URL, stop)
  // Loaded only here: the other commands need neither the log nor its clients.
  const { brokersStatus, folderStatus } = await import('./stored-status.ts')
  if (data !== undefined) return await folderStatus(data, clock.now())
  const { brokerList } = await import('../broker-flag.ts')
  const { brokerSecurity } = await import('../broker-login.ts')
  const defects = new ArgumentDefects()
  const list = brokerList(brokers ?? '', defects)
  const [defect] = defects.failures
  if (defect !== undefined) throw defect
  // Brokers that do not answer are asked again for some seconds.
  messages.write(`rondo: Waiting for an answer of the brokers ${list.join(', ')}.\n`)
  return await brokersStatus({ brokers: list, security: brokerSecurity(), prefix, group, partitions: 1, replication: 1, identity: {} }, clock.now())
}
