import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { environmentVariable, hideSecrets, onTermination, systemClock } from '#runtime'
import { runCommand } from './command-line.ts'
import { INTERRUPTED } from './exit-code.ts'
import { asRondoError, errnoOf, exitCodeOf, failureText } from './failure.ts'
import { TextOutput } from './text-output.ts'

const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) as string, 'utf8')) as { version: string }
const stopped = new AbortController()
onTermination(() => stopped.abort())
// The reader of the messages may have closed the pipe too. Then no message can be written.
process.stderr.on('error', () => undefined)
const output = new TextOutput('standard output', () => process.stdout)

async function main(): Promise<number> {
  try {
    const code = await runCommand(process.argv.slice(2), {
      version,
      input: process.stdin,
      output,
      messages: process.stderr,
      colours: process.stdout.isTTY === true && environmentVariable('NO_COLOR') === undefined && environmentVariable('TERM') !== 'dumb',
      clock: systemClock,
      stop: stopped.signal,
    })
    await output.flush()
    return code
  } catch (error) {
    // The reader of a pipe, such as head, may close it early. This is not a failure.
    if (errnoOf(error) === 'EPIPE') return 0
    if (stopped.signal.aborted) {
      process.stderr.write('rondo: Ended before it was done; what was written is incomplete.\n')
      return INTERRUPTED
    }
    const failure = asRondoError(error)
    process.stderr.write(failureText(failure))
    if (environmentVariable('RONDO_DEBUG') !== undefined)
      process.stderr.write(`${hideSecrets((failure.cause as Error | undefined)?.stack ?? failure.stack ?? '')}\n`)
    return exitCodeOf(failure)
  }
}

const code = await main()
// An open input, such as a terminal, would keep the process running.
process.exit(code)
