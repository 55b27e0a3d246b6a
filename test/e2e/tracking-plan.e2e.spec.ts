import { writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/command-in-process.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/
const { argsOf, path, start: startWith } = pulseAppsForTests()
const start = (...args: string[]): Promise<RunningApp> => startWith({ args: argsOf(...args) })

/** The answer to a request of the test. */
interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function send(app: RunningApp, method: string, path: string, { body, key }: { body?: unknown; key?: string } = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
  const response = await fetch(`${app.url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const visit = (messageId: string, properties: object, event = 'Visit') => ({ type: 'track', event, userId: 'u1', messageId, properties })
const CONTRACT = { event: 'Visit', schema: { properties: { properties: { required: ['page'], properties: { page: { type: 'string' } } } } } }

describe('a tracking plan', () => {
  it('refuses what it enforces, keeps that in quarantine, stores the rest of the batch, and is the same after a kill', async () => {
    const app = await start()
    expect(await send(app, 'PUT', '/v1/plan/events', { body: { ...CONTRACT, mode: 'enforce' } })).toMatchObject({ status: 200, body: { version: 1 } })
    const batch = { batch: [visit('m1', { page: 'home' }), visit('m2', { page: 7 }), visit('m3', {}, 'Other'), visit('m4', { page: 'end' })] }
    const rejected = [
      {
        index: 1,
        code: 'RONDO_EVENT_AGAINST_PLAN',
        message: 'properties.page: expected a value of type string, found 7 (tracking plan, version 1)',
        path: 'properties.page',
      },
    ]
    expect(await post(`${app.url}/v1/batch`, batch)).toEqual({ status: 200, body: { success: true, accepted: 3, rejected } })
    const kept = await send(app, 'GET', '/v1/quarantine')
    expect(kept.body['items']).toMatchObject([
      { record: { code: 'RONDO_EVENT_AGAINST_PLAN', where: 'POST /v1/batch, index 1', raw: JSON.stringify(batch.batch[1]) } },
    ])
    expect(await send(app, 'PUT', '/v1/plan/unplanned', { body: { mode: 'enforce' } })).toMatchObject({ status: 200, body: { version: 1 } })
    await app.kill()

    const restarted = await start()
    expect(await post(`${restarted.url}/v1/track`, visit('m5', {}))).toMatchObject({ status: 400, body: { code: 'RONDO_EVENT_AGAINST_PLAN' } })
    expect(await post(`${restarted.url}/v1/track`, visit('m6', {}, 'Other'))).toMatchObject({ status: 400, body: { code: 'RONDO_EVENT_UNPLANNED' } })
    const plan = await send(restarted, 'GET', '/v1/plan')
    expect(plan.body).toEqual({ unplanned: { mode: 'enforce', version: 1 }, items: [{ event: 'Visit', version: 1, mode: 'enforce' }] })
  })

  it('shows the names of stored events with their defects, each event counted once also after kills, beside names and signals that never came', async () => {
    let app = await start()
    await send(app, 'PUT', '/v1/plan/events', { body: CONTRACT })
    await send(app, 'PUT', '/v1/plan/events', { body: { event: 'Sign Up', schema: {} } })
    for (const round of [0, 1, 2]) {
      const batch = [
        visit(`good${round}`, { page: 'a' }),
        visit(`bad${round}`, { page: round }),
        visit(`miss${round}`, {}, 'sign-up'),
        visit(`low${round}`, {}, 'visit'),
      ]
      // The copy of an event is stored, too, and does not count.
      expect((await post(`${app.url}/v1/batch`, { batch: [...batch, visit('good0', { page: 'a' })] })).body).toMatchObject({ accepted: 5 })
      await app.kill()
      app = await start()
    }
    const names = await eventually(
      async () => (await send(app, 'GET', '/v1/event-names')).body as unknown as { items: { event: string; events: number }[] },
      ({ items }) => items.reduce((sum, { events }) => sum + events, 0) >= 12,
    )
    const time = expect.stringMatching(/^\d{4}-.*Z$/)
    const common = { signals: [], defects: 0, samples: [], contract: null, firstAt: time, lastAt: time, events: 3 }
    expect(names).toEqual({
      since: null,
      partitions: { known: 1, all: 1 },
      items: [
        {
          ...common,
          event: 'Visit',
          events: 6,
          signals: ['visit'],
          defects: 3,
          near: null,
          contract: { version: 1, mode: 'observe' },
          samples: [
            {
              path: 'properties.page',
              events: 3,
              reason: 'properties.page: expected a value of type string, found 2',
              id: 'bad2',
              actor: 'u1',
              receivedAt: time,
            },
          ],
        },
        { ...common, event: 'sign-up', near: 'Sign Up' },
        { ...common, event: 'visit', near: 'Visit' },
      ],
      others: { events: 0, defects: 0, firstAt: null, lastAt: null },
      unplanned: 'allow',
      signalsWithoutEvents: [{ signal: 'order', events: ['Order'], named: 0 }],
      // Copies count here too: how many there are follows from the kills.
      pathsWithoutEvents: [{ path: 'properties.n', events: expect.any(Number), wasSeen: false, near: null }],
      plannedWithoutEvents: [{ event: 'Sign Up', version: 1, mode: 'observe' }],
    })
  })

  it.each([
    ['Segment', '/v1/track', { userId: 'u1', event: 'Visit', properties: {} }],
    ['PostHog', '/capture', { distinct_id: 'u1', event: 'Visit', properties: {} }],
    ['CloudEvents', '/v1/cloudevents', { specversion: '1.0', id: '1', source: '/s', type: 'Visit', subject: 'u1', data: {} }],
  ])('holds for the dialect of %s', async (name, path, body) => {
    const app = await start()
    await send(app, 'PUT', '/v1/plan/events', { body: { ...CONTRACT, mode: 'enforce' } })
    const type = name === 'CloudEvents' ? 'application/cloudevents+json' : 'application/json'
    expect(await post(`${app.url}${path}`, body, { 'content-type': type })).toMatchObject({ status: 400, body: { code: 'RONDO_EVENT_AGAINST_PLAN' } })
  })

  it('is changed with an admin key for the version that it has, is read with a read key, and leaves its changes in the audit log', async () => {
    const app = await start('--keys', 'required')
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    const keyOf = async (role: string) => String((await post(`${app.url}/v1/keys`, { role, name: role }, { authorization: `Bearer ${admin}` })).body['text'])
    const [write, read] = [await keyOf('write'), await keyOf('read')]
    for (const [key, status] of [
      [undefined, 401],
      [write, 403],
      [read, 403],
      [admin, 200],
    ] as const) {
      const body = { ...CONTRACT, expectedVersion: 0 }
      expect([key, (await send(app, 'PUT', '/v1/plan/events', { body, ...(key === undefined ? {} : { key }) })).status]).toEqual([key, status])
    }
    const stale = await send(app, 'PUT', '/v1/plan/events', { body: { ...CONTRACT, mode: 'enforce', expectedVersion: 0 }, key: admin })
    expect(stale).toMatchObject({ status: 409, body: { code: 'RONDO_PLAN_CONFLICT' } })
    expect((await send(app, 'GET', '/v1/plan', { key: write })).status).toBe(403)
    expect((await send(app, 'DELETE', '/v1/plan/events?event=Visit', { key: read })).status).toBe(403)
    expect(await send(app, 'DELETE', '/v1/plan/events?event=Visit&expectedVersion=1', { key: admin })).toMatchObject({ status: 200, body: { version: 2 } })
    const shown = await send(app, 'GET', '/v1/plan/events?event=Visit&version=1', { key: read })
    expect(shown.body).toMatchObject({
      version: 1,
      ...CONTRACT,
      versions: [
        { version: 1, mode: 'observe' },
        { version: 2, mode: null },
      ],
    })
    const audit = await send(app, 'GET', '/v1/audit', { key: admin })
    const id = admin.split('_')[2]
    expect((audit.body['items'] as object[]).slice(0, 2)).toMatchObject([
      { kind: 'event-retired', by: id, event: 'Visit', version: 2 },
      { kind: 'event-planned', by: id, planned: { event: 'Visit', version: 1, mode: 'observe' } },
    ])
  })

  it('is changed, shown, and tried on a file with the command', async () => {
    const app = await start()
    const plan = (...args: string[]) => rondo('plan', ...args, '--url', app.url)
    const file = (name: string, text: string): string => {
      writeFileSync(path(name), text)
      return path(name)
    }
    const schema = file('visit.schema.json', JSON.stringify(CONTRACT.schema))
    expect(await plan('put', 'Visit', schema)).toMatchObject({ code: 0, messages: 'rondo: Visit has version 1, observed.\n' })
    expect(await plan('put', 'Visit', schema, '--enforce', '--expected-version', '1')).toMatchObject({
      code: 0,
      messages: 'rondo: Visit has version 2, enforced.\n',
    })
    expect(await plan('put', 'Visit', schema, '--expected-version', '1')).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_PLAN_CONFLICT') })
    expect(await plan('put', 'Visit', file('broken.json', '{'))).toMatchObject({ code: 2, messages: expect.stringContaining('cannot be read as JSON') })
    expect(await plan('put', 'Visit', file('bad.json', '{"type": "text"}'))).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_PLAN_INVALID') })
    expect((await plan('list')).output).toBe('version 2     enforce  Visit\n')
    expect(JSON.parse((await plan('show', 'Visit')).output)).toMatchObject({ event: 'Visit', mode: 'enforce', schema: CONTRACT.schema })
    const stored = {
      id: '1',
      event: 'Visit',
      actor: { type: 'user', id: 'u' },
      time: '2026-01-01T00:00:00.000Z',
      receivedAt: '2026-01-01T00:00:00.000Z',
      properties: { page: 3 },
    }
    const lines = [visit('a', { page: 'x' }), visit('b', {}), stored, visit('c', {}, 'Other')].map((each) => JSON.stringify(each))
    const events = file('events.ndjson', [...lines, 'no JSON', ''].join('\n'))
    const checked = await plan('check', events)
    expect(checked.output.replaceAll(events, 'F').split('\n')).toEqual([
      'F:2  Visit: properties.page: expected a value, found nothing',
      'F:3  Visit: properties.page: expected a value of type string, found 3',
      'F:5  expected an object',
      '',
    ])
    expect([checked.code, checked.messages]).toEqual([3, 'rondo: 2 events fit, 2 do not, 1 lines are no events.\n'])
    expect(await plan('remove', 'Visit')).toMatchObject({ code: 0, messages: 'rondo: Visit is not in the plan any more (version 3).\n' })
    expect(await plan('check', path('missing.ndjson'))).toMatchObject({ code: 1, messages: expect.stringContaining('there is no such file') })
  })

  it('with a schema that cannot be used is refused with its place', async () => {
    const app = await start()
    const answer = await send(app, 'PUT', '/v1/plan/events', { body: { event: 'Visit', schema: { properties: { a: { pattern: '(a)\\1' } } } } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'RONDO_PLAN_INVALID', message: expect.stringContaining('RE2') } })
    expect((await send(app, 'GET', '/v1/plan/events?event=Visit')).status).toBe(404)
    expect((await send(app, 'PUT', '/v1/plan/events')).body['code']).toBe('RONDO_BODY_INVALID')
  })
})
