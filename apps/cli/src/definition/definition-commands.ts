import type { Command } from 'commander'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

const CHECK_HELP = `
Every defect is printed at once as FILE:LINE:COLUMN: error: what was expected. Warnings are printed too; a definition with warnings can be used.
Exit code 0 where no file has an error, else 2.

Examples:
  rondo definition check cycle.yaml
  rondo definition check deploy/cycles
`

const TEST_HELP = `
Checks each file, then runs its scenarios in simulated time and compares the complete history with their "then".
Exit code 0 where all scenarios passed, 1 where a scenario failed, 2 where a definition has an error.

Example:
  rondo definition test cycle.yaml
`

const SCHEMA_HELP = `
With the schema, editors complete the text of a definition and mark its errors. In VS Code, with the YAML extension:
  rondo definition schema > cycle.schema.json
  and as first line of the definition:  # yaml-language-server: $schema=./cycle.schema.json
`

// Help should not wait for the checks to load.
const loaded = () => import('./try-definition.ts')

/** `rondo definition check | test | schema`. */
export function declareDefinitionCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const definition = program.command('definition').description('check and test cycle definitions')
  definition
    .command('check')
    .description('report all defects of a definition, each with its line')
    .argument('<file...>', 'definitions in YAML or JSON, or folders of them')
    .addHelpText('after', CHECK_HELP)
    .action(async (paths: string[]) => {
      const { checkDefinition, definitionFiles } = await loaded()
      setExitCode(Math.max(...definitionFiles(paths).map((path) => checkDefinition(path, terminal).code)))
    })
  definition
    .command('test')
    .description('check a definition and run the scenarios in it')
    .argument('<file...>', 'definitions in YAML or JSON, or folders of them')
    .addHelpText('after', TEST_HELP)
    .action(async (paths: string[]) => {
      const { testDefinition, definitionFiles } = await loaded()
      setExitCode(Math.max(...definitionFiles(paths).map((path) => testDefinition(path, terminal))))
    })
  definition
    .command('schema')
    .description('print the JSON Schema of definitions')
    .addHelpText('after', SCHEMA_HELP)
    .action(async () => (await loaded()).printSchema(terminal))
  // Declared after the commands; otherwise it would run instead of them.
  definition.allowExcessArguments().action((_, { args }: Command) => {
    if (args.length > 0) throw invalidArgument(`There is no command definition ${args[0]}; see rondo definition --help.`)
    definition.outputHelp()
  })
}
