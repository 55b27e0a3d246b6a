import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { post, startApp } from '../fixtures/processes/running-app.ts'

const hasStrace = spawnSync('strace', ['-V']).status === 0
const SYNCS = 'trace=read,write,writev,fsync,fdatasync'

/** The steps of the thread that answers, in order: `asked`, `synced` (log.db's write-ahead log is on the disk), `answered`. */
function actsOf(trace: string): string[] {
  return trace.split('\n').flatMap((line) => {
    if (/^read\(.*"POST \/v1\/track/.test(line)) return ['asked']
    if (/^(fsync|fdatasync)\(.*\/log\.db-wal>\) = 0/.test(line)) return ['synced']
    return /^writev?\(.*"HTTP\/1\.1 200/.test(line) ? ['answered'] : []
  })
}

describe('an answer', () => {
  // strace exists on Linux only, so other systems do not run this test.
  const test = hasStrace ? it : it.skip
  test('follows the sync of its events', async () => {
    using home = temporaryFolder()
    const definition = join(home.path, 'pulse.yaml')
    writeFileSync(definition, PULSE)
    const under = ['strace', '-ff', '-y', '-s', '64', '-e', SYNCS, '-o', join(home.path, 'trace')]
    const app = await startApp({ args: ['--data', join(home.path, 'data'), '--definition', definition], under })
    // strace writes one file for each thread, with the id of the thread in its name. The id of the first thread is the id of the process,
    // to which the test sends the signal, because strace does not pass it on.
    const threads = globSync('trace.*', { cwd: home.path }).map((file) => Number(file.slice('trace.'.length)))
    try {
      for (let n = 0; n < 10; n++) expect((await post(`${app.url}/v1/track`, { userId: 'u1', event: 'Visit' })).status).toBe(200)
    } finally {
      process.kill(Math.min(...threads), 'SIGTERM')
      await app.ended
    }
    const traces = threads.map((thread) => actsOf(readFileSync(join(home.path, `trace.${thread}`), 'utf8')))
    const acts = traces.find((found) => found.includes('answered')) ?? []
    expect(acts.filter((act) => act === 'answered').length).toBe(10)
    for (const [at, act] of acts.entries()) {
      if (act !== 'answered') continue
      const since = acts.slice(acts.lastIndexOf('asked', at), at)
      expect(since).toContain('synced')
    }
  })
})
