import { RondoError } from '#contracts'
import { definitionJsonSchema, formatDefect, runScenarios, type ScenarioResult } from '#cycle'
import { definitionFilesAt } from '#process'
import { exitCodes } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { type DefinitionFile, readDefinitionFile } from './definition-file.ts'
import { describeWindows } from './describe-windows.ts'

/** The files at these paths: of a folder those that `rondo start` would take. @throws RondoError RONDO_DEFINITION_UNREADABLE for a folder without any */
export const definitionFiles = (paths: readonly string[]): string[] => paths.flatMap((path) => definitionFilesAt(path))

/** Prints the defects of a definition; its errors make the exit code 2. */
export function checkDefinition(path: string, terminal: Terminal): { readonly code: number; readonly file?: DefinitionFile } {
  try {
    const file = readDefinitionFile(path)
    for (const defect of file.defects) terminal.messages.write(`${formatDefect(defect)}\n`)
    const errors = file.defects.filter(({ severity }) => severity === 'error').length
    const warnings = file.defects.length - errors
    const counts = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== undefined).join(', ')
    if (errors === 0) terminal.output.write(`${path}: valid${counts === '' ? '' : `, ${counts}`}\n`)
    else terminal.messages.write(`${path}: ${counts} (RONDO_DEFINITION_INVALID)\n`)
    for (const line of file.definition === undefined ? [] : describeWindows(file.definition)) terminal.output.write(`${line}\n`)
    return { code: errors === 0 ? exitCodes.done : exitCodes.invalid, file }
  } catch (error) {
    if (!(error instanceof RondoError)) throw error
    terminal.messages.write(failureText(error))
    return { code: exitCodes.invalid }
  }
}

/** Checks a definition and prints the results of its scenarios. @returns the exit code */
export function testDefinition(path: string, terminal: Terminal): number {
  const { code, file } = checkDefinition(path, terminal)
  if (file?.definition === undefined) return code
  const results = runScenarios(file.definition)
  for (const result of results) terminal.output.write(resultText(result))
  const failed = results.filter(({ passed }) => !passed).length
  terminal.output.write(results.length === 0 ? `${path}: there are no scenarios\n` : `${path}: ${results.length - failed} passed, ${failed} failed\n`)
  if (failed > 0) terminal.messages.write(`rondo: ${path}: ${count(failed, 'scenario')} failed. (RONDO_SCENARIO_FAILED)\n`)
  return failed === 0 ? exitCodes.done : exitCodes.failed
}

/** Prints the JSON Schema of definitions, for editors. */
export function printSchema({ output }: Terminal): void {
  output.write(`${JSON.stringify(definitionJsonSchema(), null, 2)}\n`)
}

function resultText({ title, passed, differences }: ScenarioResult): string {
  return [`${passed ? 'ok    ' : 'FAILED'} ${title}`, ...differences.map((difference) => `         ${difference}`), ''].join('\n')
}

function count(number: number, noun: string): string | undefined {
  return number === 0 ? undefined : `${number} ${noun}${number === 1 ? '' : 's'}`
}
