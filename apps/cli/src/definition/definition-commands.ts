import type { Command } from 'commander'
import { RondoError } from '#contracts'
import { definitionJsonSchema, formatDefect, runScenarios, type ScenarioResult } from '#cycle'
import { exitCodes } from '../exit-code.ts'
import { sayFailure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { type DefinitionFile, readDefinitionFile } from './definition-file.ts'

const CHECK_HELP = `
Every defect is printed at once as FILE:LINE:COLUMN: error: what was expected. Warnings are printed too, and do no harm.
Exit code 0 where no file has an error, else 2.

Examples:
  rondo definition check cycle.yaml
  rondo definition check deploy/cycles/*.yaml
`

const TEST_HELP = `
Checks each file, then runs its scenarios in simulated time and compares the whole history with what their "then" says.
Exit code 0 where all is well, 1 where a scenario failed, 2 where a definition has an error.

Example:
  rondo definition test cycle.yaml
`

const SCHEMA_HELP = `
Editors complete and underline a definition with it. In VS Code, with the YAML extension:
  rondo definition schema > cycle.schema.json
  and as first line of the definition:  # yaml-language-server: $schema=./cycle.schema.json
`

/** `rondo definition check | test | schema`. */
export function declareDefinitionCommands(program: Command, terminal: Terminal, answer: (code: number) => void): void {
  const definition = program.command('definition').description('check and test cycle definitions')
  definition.action(() => definition.outputHelp())
  definition
    .command('check')
    .description('name every defect of a definition, with its line')
    .argument('<file...>', 'definitions in YAML or JSON')
    .addHelpText('after', CHECK_HELP)
    .action((paths: string[]) => answer(Math.max(...paths.map((path) => check(path, terminal).code))))
  definition
    .command('test')
    .description('check a definition and run the scenarios in it')
    .argument('<file...>', 'definitions in YAML or JSON')
    .addHelpText('after', TEST_HELP)
    .action((paths: string[]) => answer(Math.max(...paths.map((path) => test(path, terminal)))))
  definition
    .command('schema')
    .description('print the JSON Schema of definitions')
    .addHelpText('after', SCHEMA_HELP)
    .action(() => terminal.output.write(`${JSON.stringify(definitionJsonSchema(), null, 2)}\n`))
}

/** Prints the defects of a definition; its errors make the exit code 2. */
function check(path: string, terminal: Terminal): { readonly code: number; readonly file?: DefinitionFile } {
  try {
    const file = readDefinitionFile(path)
    for (const defect of file.defects) terminal.messages.write(`${formatDefect(defect)}\n`)
    const errors = file.defects.filter(({ severity }) => severity === 'error').length
    const warnings = file.defects.length - errors
    const counts = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== undefined).join(', ')
    if (errors === 0) terminal.output.write(`${path}: sound${counts === '' ? '' : `, ${counts}`}\n`)
    else terminal.messages.write(`${path}: ${counts} (RONDO_DEFINITION_INVALID)\n`)
    return { code: errors === 0 ? exitCodes.done : exitCodes.invalid, file }
  } catch (error) {
    if (!(error instanceof RondoError)) throw error
    terminal.messages.write(sayFailure(error))
    return { code: exitCodes.invalid }
  }
}

function test(path: string, terminal: Terminal): number {
  const { code, file } = check(path, terminal)
  if (file?.definition === undefined) return code
  const results = runScenarios(file.definition)
  for (const result of results) terminal.output.write(sayResult(result))
  const failed = results.filter(({ passed }) => !passed).length
  terminal.output.write(results.length === 0 ? `${path}: there are no scenarios\n` : `${path}: ${results.length - failed} passed, ${failed} failed\n`)
  if (failed > 0) terminal.messages.write(`rondo: ${path}: ${count(failed, 'scenario')} failed. (RONDO_SCENARIO_FAILED)\n`)
  return failed === 0 ? exitCodes.done : exitCodes.failed
}

function sayResult({ title, passed, differences }: ScenarioResult): string {
  return [`${passed ? 'ok    ' : 'FAILED'} ${title}`, ...differences.map((difference) => `         ${difference}`), ''].join('\n')
}

function count(number: number, noun: string): string | undefined {
  return number === 0 ? undefined : `${number} ${noun}${number === 1 ? '' : 's'}`
}
