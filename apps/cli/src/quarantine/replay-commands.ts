import type { Command } from 'commander'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import { Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { type FilterFlags, filterOf, withFilter } from './filter-flags.ts'
import { type Outcomes, outcomesSchema } from './refused-answers.ts'
import { outcomesText } from './refused-text.ts'
import { readRepair } from './repair-file.ts'

/** How many refused events one request tries. */
const LIMIT = 1000

/** The options of `preview`, `replay` and `discard`. */
interface ReplayFlags extends FilterFlags {
  readonly id?: string[]
  readonly repair?: string
  readonly late?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** The commands that say what would become of refused events, and that replay or discard them. */
export function declareReplayCommands(quarantine: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const declare = (name: string, description: string): Command =>
    withFilter(quarantine.command(name).description(description)).option('--id <ids...>', 'these alone').option('--json', 'print the answers as lines of JSON')
  const withRepair = (command: Command): Command =>
    command
      .option('--repair <file>', 'what is changed first: YAML or JSON')
      .option('--late <what>', 'late events: keep them in quarantine, or record them, where they change nothing', 'keep')
  withRepair(declare('preview', 'say what would become of refused events now')).action(async (flags: ReplayFlags) =>
    setExitCode(await run('preview', flags, terminal)),
  )
  withRepair(declare('replay', 'write refused events into the log, each at its own time'))
    .option('--all', 'all of them, without another choice')
    .action(async (flags: ReplayFlags) => setExitCode(await run('replay', flags, terminal)))
  declare('discard', 'settle refused events that nobody wants')
    .option('--all', 'all of them, without another choice')
    .action(async (flags: ReplayFlags) => setExitCode(await run('discard', flags, terminal)))
}

/** What a command does with refused events. A preview writes nothing. */
type What = 'preview' | 'replay' | 'discard'

async function run(what: What, flags: ReplayFlags, terminal: Terminal): Promise<number> {
  const body = requestOf(what, flags)
  let total: Outcomes | undefined
  for await (const answer of answersTo(`/v1/quarantine/${what}`, body, new Server(flags.url, terminal.stop))) {
    if (flags.json === true) terminal.output.write(`${JSON.stringify(answer)}\n`)
    if (answer.receipt !== undefined) terminal.messages.write(`rondo: receipt ${answer.receipt}\n`)
    total = total === undefined ? answer : sumOf(total, answer)
  }
  if (total === undefined || flags.json === true) return exitCodes.done
  terminal.output.write(textOf(what, total))
  return total.refused > 0 ? exitCodes.rowsRefused : exitCodes.done
}

const PAST = { replay: 'replayed', discard: 'discarded' } as const

/** @throws RondoError RONDO_ARGUMENT_INVALID */
function requestOf(what: What, { id: ids, repair: file, late, all, ...flags }: ReplayFlags): object {
  const given = filterOf(flags)
  const filter = Object.keys(given).length === 0 ? undefined : given
  const isChosen = ids !== undefined || filter !== undefined
  if (what !== 'preview' && !isChosen && all !== true) {
    throw invalidArgument(`Say which refused events are to be ${PAST[what]}, with --id, --code, --source or another choice, or --all.`)
  }
  // Undefined fields are not written.
  return { filter, ids, all: what === 'preview' || isChosen ? undefined : true, repair: readRepair(file), late }
}

/** Many refused events take several requests; each has a receipt of its own. */
async function* answersTo(path: string, request: object, server: Server): AsyncGenerator<Outcomes> {
  for (let after = '0', more = true; more; ) {
    const body = JSON.stringify({ ...request, after, limit: LIMIT })
    const answer = await server.post(path, { body, type: 'application/json' }, outcomesSchema)
    yield answer
    ;({ next: after, more } = answer)
  }
}

function textOf(what: What, total: Outcomes): string {
  if (what === 'discard') return `${total.tried} ${total.tried === 1 ? 'was' : 'were'} discarded.\n`
  if (what === 'replay') return outcomesText(total, { isDone: true })
  const samples = total.samples.slice(0, SAMPLES).map(({ id, outcome, event }) => `${id} ${outcome}: ${JSON.stringify(event)}\n`)
  return outcomesText(total, { isDone: false }) + samples.join('')
}

/** How many examples of the outcomes are printed. */
const SAMPLES = 3

function sumOf(a: Outcomes, b: Outcomes): Outcomes {
  const reasons = new Map(a.reasons.map((one) => [`${one.code} ${one.reason}`, one]))
  for (const one of b.reasons) {
    const name = `${one.code} ${one.reason}`
    reasons.set(name, { ...one, count: one.count + (reasons.get(name)?.count ?? 0) })
  }
  const sum = (key: 'tried' | 'accepted' | 'late' | 'copies' | 'refused'): number => a[key] + b[key]
  const counts = { tried: sum('tried'), accepted: sum('accepted'), late: sum('late'), copies: sum('copies'), refused: sum('refused') }
  return { ...b, ...counts, reasons: [...reasons.values()].sort((x, y) => y.count - x.count), samples: a.samples }
}
