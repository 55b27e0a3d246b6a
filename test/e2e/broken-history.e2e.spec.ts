import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { firing } from '../fixtures/metrics/alert-rules.ts'
import { samplesOf } from '../fixtures/metrics/exposed-metrics.ts'
import { post, startApp } from '../fixtures/processes/running-app.ts'

it('a process whose history cannot be used is ready, answers what is live, says what is wrong, and follows when it is put right', async () => {
  using home = temporaryFolder()
  const [definition, data] = [join(home.path, 'pulse.yaml'), join(home.path, 'data')]
  writeFileSync(definition, PULSE)
  const file = join(data, 'history-pulse.duckdb')
  const first = await startApp({ args: ['--data', data, '--definition', definition, '--history', 'off'] })
  await first.stop()
  const foreign = new DatabaseSync(file)
  foreign.exec('CREATE TABLE sales (n INTEGER)')
  foreign.close()

  const app = await startApp({ args: ['--data', data, '--definition', definition] })
  const ask = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${app.url}${path}`)
    return { status: response.status, text: await response.text() }
  }
  const failures = async () => samplesOf(await app.metrics()).filter(({ name }) => name === 'rondo_history_failures_total')
  const following = async () => samplesOf(await app.metrics()).flatMap(({ name, value }) => (name === 'rondo_history_following' ? [value] : []))
  const counts = `/v1/cycles/pulse/counts?from=2020-01-01T00:00:00Z&until=${new Date().getUTCFullYear() + 1}-01-01T00:00:00Z&by=month`

  expect(await post(`${app.url}/v1/track`, { userId: 'ann', event: 'Visit' })).toMatchObject({ status: 200 })
  await eventually(
    () => ask('/v1/actors/user/ann'),
    ({ status }) => status === 200,
  )
  await eventually(
    () => failures(),
    (samples) => samples.some(({ value }) => value > 3),
  )
  expect(await ask('/v1/health/ready')).toMatchObject({ status: 200 })
  expect(await ask('/v1/cycles/pulse/stages')).toMatchObject({ status: 200, text: expect.stringContaining('here') })
  const refused = await ask(counts)
  expect(refused).toEqual({ status: 503, text: expect.stringContaining('RONDO_DATA_FOREIGN') })
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'RONDO_HISTORY_UNAVAILABLE' })
  expect(await following()).toEqual([0])
  expect(`${app.output}${app.errors}`).toMatch(/History of the cycle pulse: The file .*history-pulse\.duckdb is a database of another program\./)
  expect(firing([], samplesOf(await app.metrics()))).toEqual(['RondoHistoryFails'])

  renameSync(file, join(home.path, 'sales.db'))
  await eventually(following, ([value]) => value === 1)
  expect(await ask(counts)).toMatchObject({ status: 200 })
  expect(await app.stop()).toBe(0)
})
