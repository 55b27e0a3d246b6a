import { Command, CommanderError } from 'commander'
import { declareArchiveCommands } from './archive/archive-commands.ts'
import { declareDefinitionCommands } from './definition/definition-commands.ts'
import { exitCodes } from './exit-code.ts'
import { declareExport } from './export/export-command.ts'
import { invalidArgument } from './failure.ts'
import { declareImport } from './import/import-command.ts'
import { declareKafkaCommands } from './kafka/kafka-commands.ts'
import { declareKeyCommands } from './keys/key-commands.ts'
import { declarePlanCommands } from './plan/plan-commands.ts'
import { declareQuarantineCommands } from './quarantine/quarantine-commands.ts'
import { declareReload } from './reload/reload-command.ts'
import { declareRepartition } from './repartition/repartition-command.ts'
import { declareReplay } from './replay/replay-command.ts'
import { declareExplain } from './server/explain.ts'
import { declareLink } from './server/link.ts'
import { declareTail } from './server/tail.ts'
import { declareSimulate } from './simulate/simulate-command.ts'
import { declareStart } from './start/start-command.ts'
import { declareStatus } from './status/status-command.ts'
import type { Terminal } from './terminal.ts'
import { declareVerify } from './verify/verify-command.ts'

/** The options of the program as a whole. */
export interface Invocation extends Terminal {
  readonly version: string
}

/** Adds commands to the program; `setExitCode` is called by the one that ran. */
type Declare = (program: Command, terminal: Terminal, setExitCode: (code: number) => void) => void

const HELP = `
Examples:
  rondo start                              all of Rondo in one process, with example data
  rondo definition check cycle.yaml        every defect of a definition, with its line
  rondo definition test cycle.yaml         runs the scenarios of a definition
  rondo replay --definition cycle.yaml --input orders.csv.gz --csv --actor customer --time date --event "Order Completed" > transitions.ndjson
                                           every stage transition of a history
  rondo import --input orders.csv.gz --csv --actor customer --time date --event "Order Completed" --shift-to-now
                                           the history into the Rondo that runs here
  rondo explain 00042                      the stage of an actor, and the reasons
  rondo tail                               transitions as they happen
  rondo export --as parquet                the history of a cycle as files
  rondo status                             whether all is well: lag, writers that hold time, quarantine
  rondo key create --role write --name shop   a key, for a server that needs one
  rondo link /v1/cycles/shopper/stages     a link that shows this alone, until it ends
  rondo quarantine list                    events that were refused, with the reason
  rondo reload                             the settings and files of a running Rondo, read again
  rondo plan check events.ndjson           which events of a file do not fit the tracking plan
  rondo archive write --data ./data --archive /backup/rondo   the older part of the log as Parquet files
  rondo verify --data ./data --definition cycle.yaml   everything computed again from the log, and compared
  rondo simulate > events.ndjson           a made-up music service, to try things with
  rondo kafka topics --dry-run             the topics of a Rondo on Kafka, with every setting

rondo COMMAND --help explains a command. Exit codes: 0 done, 1 failed, 2 bad arguments or a bad definition, 3 rows were refused.
`

/**
 * Runs `rondo` with these arguments.
 * @returns the exit code
 * @throws RondoError RONDO_ARGUMENT_INVALID if the arguments name no command, or a command that cannot run
 */
export async function runCommand(args: readonly string[], invocation: Invocation): Promise<number> {
  let code: number = exitCodes.done
  const program = new Command('rondo')
    .description('Rondo follows each user through an engagement cycle: activity events in, stage transitions out.')
    .version(invocation.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => invocation.output.write(text), writeErr: () => undefined })
    .configureHelp({ helpWidth: 100 })
    .addHelpText('after', HELP)
  const setExitCode = (given: number): void => {
    code = given
  }
  for (const declare of [
    declareStart,
    declareReplay,
    declareImport,
    declareDefinitionCommands,
    declareExplain,
    declareTail,
    declareExport,
    declareLink,
    declareStatus,
    declareKeyCommands,
    declareQuarantineCommands,
    declarePlanCommands,
    declareReload,
    declareRepartition,
    declareArchiveCommands,
    declareVerify,
    declareKafkaCommands,
    declareSimulate,
  ] satisfies Declare[])
    declare(program, invocation, setExitCode)
  try {
    if (args.length === 0) program.outputHelp()
    else await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // A group of commands, such as `rondo key`, without one of them.
    if (error.code === 'commander.help') namedCommands(program, args).at(-1)?.outputHelp()
    else if (error.exitCode !== 0) throw invalidArgument(defectOf(error, namedCommands(program, args)))
  }
  return code
}

function defectOf({ message }: CommanderError, commands: readonly Command[]): string {
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const sentence = first.charAt(0).toUpperCase() + first.slice(1)
  const command = commands.map((one) => one.name()).join(' ')
  return [`${sentence.replace(/\.+$/, '')}.`, ...rest, `See ${command} --help.`].join(' ')
}

/** The commands that the arguments name, from the outermost on, such as rondo, key, create. */
function namedCommands(program: Command, args: readonly string[]): readonly Command[] {
  const named = [program]
  for (const name of args) {
    const next = named.at(-1)?.commands.find((command) => command.name() === name)
    if (next === undefined) break
    named.push(next)
  }
  return named
}
