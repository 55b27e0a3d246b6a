import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'

const module = new URL('./logger.ts', import.meta.url).href

describe('a warning of Node', () => {
  it('is a line of JSON like the others, and repeats are throttled', async () => {
    const source = `const { jsonLogger, logWarnings } = await import(${JSON.stringify(module)})
      const { EventEmitter } = await import('node:events')
      const logger = jsonLogger()
      logWarnings(logger)
      setTimeout(() => {}, -5)
      const emitter = new EventEmitter()
      for (let n = 0; n < 12; n++) emitter.on('data', () => {})
      for (let n = 0; n < 3; n++) process.emitWarning('again', 'OddWarning')
      setTimeout(() => logger.info('done'), 10)`
    const args = ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source]
    const { stderr } = await promisify(execFile)(process.execPath, args)
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: number; msg: string })
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [40, expect.stringMatching(/^Node warns: .*\(TimeoutNegativeWarning\)$/s)],
      [40, expect.stringMatching(/^Node warns: .*\(MaxListenersExceededWarning\)$/s)],
      [40, 'Node warns: again (OddWarning)'],
      [40, 'Node warns: again (OddWarning) (2 times so far)'],
      [30, 'done'],
    ])
  })
})
