import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import { startApp } from '../fixtures/processes/running-app.ts'

const BIN = join(root, 'apps/cli/bin/rondo.js')
const ECOSYSTEM = ['--listeners', '100', '--musicians', '5', '--days', '40']

it('a made-up service is imported with its past, and lives on in both cycles until the user ends it', async () => {
  using home = temporaryFolder()
  const definitions = ['listener', 'musician'].flatMap((cycle) => ['--definition', join(root, 'deploy', 'cycles', `${cycle}.yaml`)])
  const app = await startApp({ args: ['--data', join(home.path, 'data'), ...definitions, '--catch-up', '0s'] })
  const totals = async (): Promise<number[]> =>
    Promise.all(
      ['listener', 'musician'].map(async (cycle) => ((await (await fetch(`${app.url}/v1/cycles/${cycle}/stages`)).json()) as { total: number }).total),
    )
  try {
    const past = join(home.path, 'past.ndjson')
    expect(await rondo(['simulate', ...ECOSYSTEM, '--output', past])).toMatchObject({ code: 0, stdout: '' })
    expect(await rondo(['import', '--url', app.url, '--input', past])).toMatchObject({ code: 0 })
    const [listeners = 0, musicians = 0] = await eventually(totals, (found) => found.every((total) => total > 0))
    const life = spawn(BIN, ['simulate', ...ECOSYSTEM, '--url', app.url, '--speed', '1000000x'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    let messages = ''
    life.stderr.on('data', (chunk) => {
      messages += chunk
    })
    await eventually(totals, ([more = 0, others = 0]) => more > listeners && others > musicians)
    process.kill(-(life.pid as number), 'SIGINT')
    expect(await once(life, 'close')).toEqual([0, null])
    expect(messages).toMatch(/rondo: ended; \d+ events were sent to /)
  } finally {
    await app.stop()
  }
})
