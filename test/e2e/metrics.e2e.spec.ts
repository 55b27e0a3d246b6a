import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { eventually } from '../fixtures/eventually.ts'
import { firing } from '../fixtures/metrics/alert-rules.ts'
import { metricsIn, metricsOnPage, samplesOf } from '../fixtures/metrics/exposed-metrics.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

let home: TemporaryFolder
let app: RunningApp
beforeAll(async () => {
  home = temporaryFolder()
  app = await startApp({ args: ['--data', home.path, '--catch-up', '0s'] })
})
afterAll(async () => {
  await app?.stop()
  home?.[Symbol.dispose]()
})

const valuesOf = async (name: string): Promise<number[]> => samplesOf(await app.metrics()).flatMap((sample) => (sample.name === name ? [sample.value] : []))

describe('the metrics of one process', () => {
  it('are not on the port of the app', async () => {
    expect((await fetch(`${app.url}/metrics`)).status).toBe(404)
  })

  it('begin at 0 for every code, kind and stage that there can be', async () => {
    for (const name of [
      'rondo_events_refused_total',
      'rondo_requests_turned_away_total',
      'rondo_outputs_total',
      'rondo_stage_actors',
      'rondo_stalled_seconds',
    ]) {
      const values = await valuesOf(name)
      if (name !== 'rondo_stalled_seconds') expect([name, values.length > 5]).toEqual([name, true])
      expect([name, values.filter((value) => value !== 0)]).toEqual([name, []])
    }
  })

  it('are those that the page lists for it, with their labels', async () => {
    const track = { userId: 'ann', event: 'Order Completed', properties: { cds: 1, dollars: 5 } }
    expect(await post(`${app.url}/v1/track`, track)).toMatchObject({ status: 200 })
    // Log time is known after the first tick, and whether it moves after the next look at it.
    for (const name of ['rondo_log_time_age_seconds', 'rondo_stalled_seconds', 'rondo_history_lag_seconds']) {
      await eventually(
        () => valuesOf(name),
        (values) => values.length === 1,
      )
    }
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
    expect(metricsIn(await app.metrics()).toSorted(byName)).toEqual(metricsOnPage('rondo start').toSorted(byName))
    expect(await valuesOf('rondo_events_accepted_total')).toEqual([1])
    expect(await valuesOf('rondo_commit_duration_seconds_count')).not.toEqual([0])
    expect((await valuesOf('rondo_data_bytes'))[0]).toBeGreaterThan(0)
  })

  it('let the alert fire that belongs to ids which are used twice, and no other', async () => {
    const before = samplesOf(await app.metrics())
    expect(firing([], before)).toEqual([])
    const batch = Array.from({ length: 12 }, (_, n) => ({ type: 'track', userId: 'bob', event: 'Order Completed', messageId: 'same', properties: { cds: n } }))
    expect(await post(`${app.url}/v1/batch`, { batch })).toMatchObject({ status: 200 })
    expect(firing(before, samplesOf(await app.metrics()))).toEqual(['RondoIdsClash'])
  })

  it('count refused events by their code', async () => {
    await post(`${app.url}/v1/batch`, { batch: [{ type: 'track', userId: 'ann', event: 7 }] })
    const refused = samplesOf(await app.metrics()).filter(({ name, value }) => name === 'rondo_events_refused_total' && value > 0)
    expect(refused.map(({ labels, value }) => [labels['code'], value])).toEqual([['RONDO_EVENT_INVALID', 1]])
    expect(await valuesOf('rondo_quarantine_records')).toEqual([1])
    expect((await valuesOf('rondo_quarantine_bytes'))[0]).toBeGreaterThan(0)
  })
})
