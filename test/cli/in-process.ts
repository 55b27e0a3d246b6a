import { Writable } from 'node:stream'
import { SimulatedClock } from '#runtime'
import { runCommand } from '../../apps/cli/src/command-line.ts'
import { asRondoError, exitCodeOf, sayFailure } from '../../apps/cli/src/failure.ts'
import { TextOutput } from '../../apps/cli/src/text-output.ts'

function memory(): { text: () => string; stream: Writable } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { text: () => chunks.join(''), stream }
}

/** Runs the command in this process, at the beginning of 2027. */
export async function rondo(...args: string[]): Promise<{ code: number; output: string; messages: string }> {
  const [out, err] = [memory(), memory()]
  const output = new TextOutput('standard output', () => out.stream)
  const terminal = {
    version: '1.2.3',
    input: (async function* () {})(),
    output,
    messages: err.stream,
    clock: new SimulatedClock(Date.UTC(2027, 0)),
    stop: new AbortController().signal,
  }
  const code = await runCommand(args, terminal).catch((error: unknown) => {
    err.stream.write(sayFailure(asRondoError(error)))
    return exitCodeOf(asRondoError(error))
  })
  await output.flush()
  return { code, output: out.text(), messages: err.text() }
}
