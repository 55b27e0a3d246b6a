import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { framesOf, live } from '../pipeline/owner-life.ts'
import { expectedRelations } from './expected-relations.ts'
import { FollowedFolder } from './followed-folder.ts'
import { LongLog } from './long-log.ts'

const limits = { bytesAtOnce: 1 << 20, outputsMax: 1000, firingsAtOnce: 1000, checkpointRound: 10_000 }
const pulse = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition
const keeping = join(import.meta.dirname, 'keeping-process.ts')
const ROWS_MAX = 500
/** In units of 512 bytes: less than the history needs. */
const BLOCKS_MAX = 400

/** An answer from what it has. */
interface Answer {
  readonly transitions: number
}

/** A line of the process. */
interface Line {
  readonly rebuilt?: string
  readonly failed?: string
  readonly message?: string
  readonly answer?: Answer
  readonly refusal?: string
  readonly relations?: Readonly<Record<string, string[]>>
}

/**
 * No disk is filled: the system limits the size of the files of the process, and each write beyond it fails as on a full disk. Without a limit on
 * the process there would have to be a file system of its own, which only some users may mount.
 */
it('a history on a full disk answers from what it has, and goes on when there is room', async () => {
  using home = temporaryFolder()
  const [path, file] = [join(home.path, 'data'), join(home.path, 'history.duckdb')]
  const folder = openCycleFolder(path, compileCycle(pulse))
  const log: LogRecord[] = [{ record: 'writer.open', writer: 'w', time: '2026-03-01T00:00:00.000Z' }, ...new LongLog(11, 200).next(3000)]
  await folder.writer.append(0, framesOf(log, [20]))
  await live(folder, pulse, { limits, life: undefined })
  await folder.close()

  const command = `ulimit -S -f ${BLOCKS_MAX} && exec "$@"`
  const args = [process.execPath, '--conditions=rondo-source', '--disable-warning=ExperimentalWarning', keeping, path, file, String(ROWS_MAX)]
  const child = spawn('bash', ['-c', command, 'bash', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const lines: Line[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line))
  const answers = await eventually(
    () => lines.flatMap(({ answer, refusal }) => answer ?? refusal ?? []),
    ({ length }) => length >= 3,
  )
  const failures = lines.flatMap(({ failed, message }) => (failed === undefined ? [] : [{ failed, message }]))
  expect(failures[0]).toEqual({ failed: 'RONDO_DATA_FULL', message: expect.stringContaining(file) })
  expect(new Set(failures.map(({ failed }) => failed))).toEqual(new Set(['RONDO_DATA_FULL']))
  expect(answers).toEqual(answers.map(() => ({ transitions: expect.any(Number) })))
  expect(Math.min(...answers.map((answer) => (answer as Answer).transitions))).toBeGreaterThan(0)

  execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(child.pid)])
  const { relations } = await eventually(
    () => lines.find(({ relations }) => relations !== undefined) ?? {},
    ({ relations }) => relations !== undefined,
  )
  // What the full disk cut off in the log of changes must not be in the way when the file is opened again.
  child.kill('SIGKILL')
  await ended
  const again = await FollowedFolder.open(pulse, path, file)
  try {
    const expected = expectedRelations(pulse, log, await again.feed())
    expect(relations).toEqual(expected)
    expect(await again.relations()).toEqual(expected)
    expect(lines.flatMap(({ rebuilt }) => rebuilt ?? [])).toEqual(['missing'])
    expect(again.history.rebuilt).toBe(undefined)
  } finally {
    await again.close()
  }
})
