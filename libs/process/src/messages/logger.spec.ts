import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'

const module = new URL('./logger.ts', import.meta.url).href

/** Runs a program with a logger in a process of its own, since a logger writes to standard output and standard error. */
async function logged(program: string, options: string): Promise<{ stdout: string; stderr: string }> {
  const source = `const { newLogger, logWarnings } = await import(${JSON.stringify(module)})
    const logger = newLogger({ app: 'ingest', ${options} })
    ${program}`
  const args = ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source]
  return await promisify(execFile)(process.execPath, args)
}

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const everyLevel = `logger.debug('searched', { requestId: 'r1' })
  logger.info('began')
  logger.warn('The log is away. (RONDO_LOG_UNAVAILABLE)', { partition: 3 })
  logger.error({ code: 'RONDO_DATA_FULL', message: 'The disk is full.' })`

describe('a line of the log', () => {
  it('is JSON with the time, level, app, message, code and fields', async () => {
    const { stdout, stderr } = await logged(everyLevel, "level: 'debug', format: 'json'")
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(stdout).toBe('')
    expect(linesOf(stderr)).toEqual([
      { time, level: 'debug', app: 'ingest', message: 'searched', requestId: 'r1' },
      { time, level: 'info', app: 'ingest', message: 'began' },
      { time, level: 'warn', app: 'ingest', message: 'The log is away. (RONDO_LOG_UNAVAILABLE)', code: 'RONDO_LOG_UNAVAILABLE', partition: 3 },
      { time, level: 'error', app: 'ingest', message: 'The disk is full.', code: 'RONDO_DATA_FULL' },
    ])
  })

  it('is not written below the level that is set', async () => {
    const written = async (level: string) => linesOf((await logged(everyLevel, `level: '${level}', format: 'json'`)).stderr).map((line) => line['level'])
    expect(await Promise.all(['info', 'warn', 'error'].map(written))).toEqual([['info', 'warn', 'error'], ['warn', 'error'], ['error']])
  })

  it('for people is a sentence: information on standard output, all else on standard error', async () => {
    const { stdout, stderr } = await logged(everyLevel, "level: 'info', format: 'text'")
    expect(stdout).toBe('began\n')
    expect(stderr).toBe('rondo: The log is away. (RONDO_LOG_UNAVAILABLE)\nrondo: The disk is full. (RONDO_DATA_FULL)\n')
  })
})

it('a line of debug for people has the milliseconds and the id of its request', async () => {
  const program = `logger.debug('GET /v1/stages was answered with 200.', { ms: 12, requestId: 'r1', method: 'GET' })
    logger.debug('searched')`
  const { stderr } = await logged(program, "level: 'debug', format: 'text'")
  expect(stderr).toBe('rondo: GET /v1/stages was answered with 200. (12 ms, request r1)\nrondo: searched\n')
})

describe('a warning of Node', () => {
  it('is a line of JSON like the others, and repeats are throttled', async () => {
    const program = `const { EventEmitter } = await import('node:events')
      logWarnings(logger)
      setTimeout(() => {}, -5)
      const emitter = new EventEmitter()
      for (let n = 0; n < 12; n++) emitter.on('data', () => {})
      for (let n = 0; n < 3; n++) process.emitWarning('again', 'OddWarning')
      setTimeout(() => logger.info('done'), 10)`
    const { stderr } = await logged(program, "level: 'info', format: 'json'")
    expect(linesOf(stderr).map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringMatching(/^Node warns: .*\(TimeoutNegativeWarning\)$/s)],
      ['warn', expect.stringMatching(/^Node warns: .*\(MaxListenersExceededWarning\)$/s)],
      ['warn', 'Node warns: again (OddWarning)'],
      ['warn', 'Node warns: again (OddWarning) (2 times so far)'],
      ['info', 'done'],
    ])
  })
})
