import type { Command } from 'commander'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

/** `rondo start` in the list of commands. bin/rondo.js runs it by loading the app, which this folder may not import. */
export function declareStart(program: Command, _terminal: Terminal, _setExitCode: (code: number) => void): void {
  program
    .command('start')
    .description('run all of Rondo in one process; rondo start --help lists its options')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw invalidArgument('start must be the first word after rondo.')
    })
}
