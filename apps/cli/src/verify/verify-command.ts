import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { VerifyFlags } from './run-verify.ts'

const HELP = `
Everything that Rondo shows follows from the log of accepted events. This command folds the log again, from its beginning (or that of its
archive) to where the folder was folded to, into a folder of its own, and compares all of it with what the data folder has: each output,
late event and refused record byte by byte, each answer of the read models, and each row of the history. End the Rondo before.

It takes about the time in which Rondo folds the whole log, and disk space like that of the state and the history. The exit code is 0 if
there is no difference, and 1 if there is one.

Examples:
  rondo verify --data ./data --definition cycle.yaml
  rondo verify --data ./data --definition listener.yaml musician.yaml --archive /backup/rondo
`

/** `rondo verify`. */
export function declareVerify(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('verify')
    .description('compute everything again from the log, and compare it with what is stored')
    .requiredOption('--data <folder>', 'the data folder of a Rondo that has ended')
    .requiredOption('--definition <files...>', 'the cycle definitions of this Rondo, or a folder of them')
    .option('--archive <folder>', 'the archive of the log, if it is not where it was when the log was trimmed')
    .option('--scratch <folder>', 'where the new state is made and deleted at the end; the folder for temporary files unless set')
    .addHelpText('after', HELP)
    // Help should not wait for the fold and DuckDB to load.
    .action(async (flags: VerifyFlags) => setExitCode(await (await import('./run-verify.ts')).runVerify(flags, terminal)))
}
