import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type ActivityEvent, type CycleDefinition, instantOf, type Output } from '#contracts'
import { readDefinition } from '#cycle'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { readCycles } from '../durability/folder-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { type ClientProcess, startClients } from '../fixtures/processes/client-process.ts'
import { Outage } from '../fixtures/processes/outage.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { WebSite } from '../fixtures/processes/web-site.ts'

/** SDKs with the settings of docs/guides/send-events.md, with which they outlast a restart. */
const LASTING = ['segment', 'analytics-node', 'rudderstack', 'customerio', 'segment-python', 'rudderstack-python'] as const
const OTHERS = ['posthog', 'cloudevents'] as const
/** SDKs that give up within two seconds unless their settings are changed. */
const DEFAULTS = ['analytics-node-default', 'rudderstack-default', 'customerio-default'] as const
const APPLICATIONS = [...LASTING, ...OTHERS, ...DEFAULTS]
const BROWSER = 'browser'
type Client = (typeof APPLICATIONS)[number] | typeof BROWSER

/** The events of each client by their numbers: sent before the kill, around it, during the outage, after the restart. */
const CALM = [0, 10] as const
const KILLED = [10, 30] as const
const DOWN = [30, 40] as const
const AFTER = [40, 50] as const
const LAST = AFTER[1]

type Applied = Pick<Output, 'actor'> & { readonly event: string }
interface Stored {
  readonly client: string | undefined
  readonly n: number
  readonly event: ActivityEvent
}

const usersFile = join(root, 'test/fixtures/cycles/alternation.yaml')
const users = readFileSync(usersFile, 'utf8')
/** Calls without a user are of visitors, which have the same cycle. */
const visitors = users.replace('cycle: alternation', 'cycle: visitors').replace('actor: user', 'actor: visitor')
const definitions = [users, visitors].map((text) => readDefinition(text, usersFile).definition as CycleDefinition)
const startedAt = Date.now()
const baseMs = startedAt - 3_600_000
const timeOf = (n: number): number => baseMs + n * 1000
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

let home: TemporaryFolder
let app: RunningApp
let admin: string
let browser: Browser | undefined
let site: WebSite
let page: Page
let processes: ClientProcess[] = []
let ended: string[]
let stored: Stored[]
let applied: Applied[]
const keys: Record<string, string> = {}

async function start(port = '0'): Promise<RunningApp> {
  const visitorsFile = join(home.path, 'visitors.yaml')
  writeFileSync(visitorsFile, visitors)
  const cycles = ['--definition', usersFile, '--definition', visitorsFile]
  return startApp({ args: ['--port', port, '--data', join(home.path, 'data'), ...cycles, '--catch-up', '0s', '--keys', 'required'] })
}

async function makeKey(request: { name: string; origins?: string[] }): Promise<string> {
  const { body } = await post(`${app.url}/v1/keys`, { role: 'write', source: request.name, ...request }, { authorization: `Bearer ${admin}` })
  return String(body['text'])
}

/** A page with the browser SDK, as a site has it. */
const pageText = (): string => {
  const cdnSettings = { integrations: { 'Segment.io': { apiKey: keys[BROWSER], apiHost: `${new URL(app.url).host}/v1`, protocol: 'http' } } }
  return `<script src="/umd/index.js"></script>
    <script>globalThis.analytics = AnalyticsNext.AnalyticsBrowser.load(${JSON.stringify({ writeKey: keys[BROWSER], cdnSettings })})</script>`
}

/** The first calls are of different types; all others are tracks. */
const inPage = `async ([from, to, base]) => {
  for (let n = from; n < to; n++) {
    const properties = { n, price: 12.5, text: 'Käse 🧀', list: [1, 'b', null, true], deep: { empty: {} } }
    const options = { timestamp: new Date(base + n * 1000) }
    if (n === 0) await analytics.identify('browser-user', properties, options)
    else if (n === 1) await analytics.page('Home', properties, options)
    else if (n === 3) await analytics.group('g1', properties, options)
    else void analytics.track('Visit', properties, options)
  }
}`
const sendInPage = ([from, to]: readonly [number, number]): Promise<unknown> => page.evaluate(`(${inPage})(${JSON.stringify([from, to, baseMs])})`)
const send = (range: readonly [number, number]): void => {
  for (const process of processes) process.send(...range)
}

/** How many events of each client were applied, by the feeds of the running server. */
async function countApplied(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { cycle } of definitions) {
    for (const { actor } of effective(await feedOf(cycle))) {
      const client = actor.id.replace(/-(user|visitor).*/, '')
      counts[client] = (counts[client] ?? 0) + 1
    }
  }
  return counts
}

async function feedOf(cycle: string): Promise<Output[]> {
  const headers = { authorization: `Bearer ${admin}`, accept: 'application/json' }
  const outputs = []
  for (let after = '0', length = 1; length > 0; ) {
    const answer = (await (await fetch(`${app.url}/v1/transitions?cycle=${cycle}&after=${after}&limit=1000`, { headers })).json()) as {
      items: { output: Output }[]
      next: string
    }
    outputs.push(...answer.items.map(({ output }) => output))
    after = String(answer.next)
    length = answer.items.length
  }
  return outputs
}

function effective(outputs: readonly Output[]): Applied[] {
  const retracted = new Set(outputs.map(({ actor, retracts }) => `${actor.id} ${retracts}`))
  return outputs
    .filter(({ kind, actor, id }) => kind !== 'retraction' && !retracted.has(`${actor.id} ${id}`))
    .map(({ actor, evidence }) => ({ actor, event: String(evidence.event) }))
}

const failed = (client: string): number[] => processes.flatMap((process) => process.reported(client, 'failed'))
const delivered = (client: string): number[] => processes.flatMap((process) => process.reported(client, 'delivered'))

/** The number of an event is in its properties, traits or previous id. */
function numberOf({ properties, traits }: ActivityEvent): number {
  return Number(properties?.['n'] ?? traits?.['n'] ?? String(properties?.['previousId']).split('-').at(-1))
}

const clients = [...APPLICATIONS, BROWSER]
let outage: Outage

// Each part of the run is a hook of its own, so that each has the whole time limit.
beforeAll(async () => {
  home = temporaryFolder()
  app = await start()
  admin = /rondo_admin_\w+/.exec(app.output)?.[0] ?? ''
  site = await WebSite.open()
  for (const name of APPLICATIONS) keys[name] = await makeKey({ name })
  keys[BROWSER] = await makeKey({ name: BROWSER, origins: [site.origin] })
  processes = startClients(home.path, { url: app.url, keys, baseMs })
  browser = await launchChromium()
  page = await browser.newPage()
  site.show(pageText())
  await page.goto(site.origin)
  send(CALM)
  await sendInPage(CALM)
  await eventually(countApplied, (counts) => clients.every((client) => counts[client] === CALM[1]))
})

beforeAll(async () => {
  send(KILLED)
  await sendInPage(KILLED)
  await eventually(
    () => delivered('segment'),
    (done) => done.length > CALM[1],
  )
  await app.kill()
  outage = await Outage.at(app.url)
  send(DOWN)
  await sendInPage(DOWN)
  for (const client of APPLICATIONS.filter((name) => name !== 'posthog')) await eventually(() => outage.hasKey(keys[client] ?? ''), Boolean)
  await eventually(() => outage.hasHeader('user-agent', 'posthog-node') && outage.hasHeader('origin', site.origin), Boolean)
  const isGivenUp = (client: string): boolean => numbers(...DOWN).every((n) => failed(client).includes(n))
  await eventually(() => DEFAULTS.every(isGivenUp), Boolean)
  // The page is left during the outage: the SDK keeps its events in the browser.
  await page.reload()
  await outage.end()
})

beforeAll(async () => {
  app = await start(new URL(app.url).port)
  send(AFTER)
  await sendInPage(AFTER)
  ended = (await Promise.all(processes.map((process) => process.end()))).flat()
  await eventually(countApplied, (counts) => clients.every((client) => (counts[client] ?? 0) >= LAST - failed(client).length))
})

beforeAll(async () => {
  await app.stop()
  const contents = await readCycles(join(home.path, 'data'), definitions)
  const events = (contents[0]?.records ?? []).filter((record) => !('record' in record)) as ActivityEvent[]
  stored = events.map((event) => ({ client: event.source, n: numberOf(event), event }))
  applied = contents.flatMap(({ feed }) => effective(feed.map((text) => JSON.parse(text) as Output)))
})

afterAll(async () => {
  await Promise.all([app.kill(), ...processes.map((process) => process.kill()), browser?.close(), site.close()])
  home[Symbol.dispose]()
})

/** The numbers of the events of a client that were applied, each as often as it was applied. */
function appliedNumbers(client: Client): number[] {
  const byId = new Map(stored.filter((one) => one.client === client).map(({ n, event }) => [`${event.actor.id} ${event.id}`, n]))
  return applied.flatMap(({ actor, event }) => byId.get(`${actor.id} ${event}`) ?? []).toSorted((left, right) => left - right)
}

const properties = (n: number) => ({ n, price: 12.5, text: 'Käse 🧀', list: [1, 'b', null, true], deep: { empty: {} } })

/** What is stored of a call of an SDK of the Segment specification, by the number of the event. */
function expectedOf(name: string, n: number): object {
  const calls: Record<number, object> = {
    0: { type: 'identify', event: 'Identified', traits: properties(n) },
    1: { type: 'page', event: 'Page Viewed', properties: { ...properties(n), name: 'Home' } },
    2: { type: 'screen', event: 'Screen Viewed', properties: { ...properties(n), name: 'Home' } },
    3: { type: 'group', event: 'Grouped', properties: { groupId: 'g1' }, traits: properties(n) },
    4: { type: 'alias', event: 'Aliased', properties: { previousId: `${name}-before-${n}` } },
  }
  const actor = n % 10 === 9 ? { type: 'visitor', id: `${name}-visitor-${n}` } : { type: 'user', id: `${name}-user-${n % 3}` }
  return { id: `${name}-${n}`, actor, ...(calls[n] ?? { type: 'track', event: 'Visit', properties: properties(n) }) }
}

/** An SDK sends when it sent the event, and the clock is corrected by that: so the time is later by no more than the way took. */
function expectTime({ n, event }: Stored): void {
  const late = instantOf(event.time) - timeOf(n)
  expect([n, late >= 0, late <= instantOf(event.receivedAt) - startedAt]).toEqual([n, true, true])
}

describe.each(LASTING)('the SDK %s', (name) => {
  it('sends each event with its id, actor, time and properties', () => {
    const events = stored.filter(({ client }) => client === name)
    expect(new Set(events.map(({ n }) => n))).toEqual(new Set(numbers(0, LAST)))
    for (const one of events) {
      expect(one.event).toMatchObject(expectedOf(name, one.n))
      expectTime(one)
    }
  })

  it('loses no event in a kill and an outage, and none is applied twice', () => {
    expect(appliedNumbers(name)).toEqual(numbers(0, LAST))
    expect([failed(name), ended.includes(name)]).toEqual([[], true])
  })
})

describe.each(DEFAULTS)('the SDK %s', (name) => {
  it('gives up in an outage and reports each event that it gave up; all others are applied once', () => {
    const [lost, found] = [failed(name), appliedNumbers(name)]
    expect(numbers(...DOWN).filter((n) => !lost.includes(n) || found.includes(n))).toEqual([])
    expect(numbers(0, LAST).filter((n) => !lost.includes(n) && !found.includes(n))).toEqual([])
    expect(found).toEqual([...new Set(found)])
    expect(ended).toContain(name)
  })
})

describe('the SDK posthog-node', () => {
  it('sends each event with its id, actor, time and properties', () => {
    for (const one of stored.filter(({ client, n }) => client === 'posthog' && n > 0)) {
      const uuid = `00000000-0000-4000-8000-${String(one.n).padStart(12, '0')}`
      const actor = { type: 'user', id: `posthog-user-${one.n % 3}` }
      expect(one.event).toMatchObject({ id: uuid, actor, type: 'track', event: 'Visit', properties: properties(one.n) })
      expectTime(one)
    }
    const identified = stored.find(({ client, n }) => client === 'posthog' && n === 0)
    expect(identified?.event).toMatchObject({ type: 'identify', event: 'Identified', actor: { id: 'posthog-user-0' }, traits: properties(0) })
  })

  it('keeps its events in an outage, and none is applied twice', () => {
    expect([appliedNumbers('posthog'), ended.includes('posthog')]).toEqual([numbers(0, LAST), true])
  })
})

describe('the SDK cloudevents', () => {
  it('sends each event with its id, actor, time and data; the application repeats what failed, and none is applied twice', () => {
    for (const one of stored.filter(({ client }) => client === 'cloudevents')) {
      const actor = { type: 'user', id: `cloudevents-user-${one.n % 3}` }
      const time = new Date(timeOf(one.n)).toISOString()
      expect(one.event).toMatchObject({ id: `/player#${one.n}`, actor, type: 'track', event: 'Visit', time, properties: properties(one.n) })
    }
    expect([appliedNumbers('cloudevents'), ended.includes('cloudevents')]).toEqual([numbers(0, LAST), true])
  })
})

describe('the browser SDK in Chromium', () => {
  it('sends each event with its actor, time and properties', () => {
    const events = stored.filter(({ client }) => client === BROWSER)
    const calls: Record<number, object> = {
      0: { type: 'identify', event: 'Identified', traits: properties(0) },
      1: { type: 'page', event: 'Page Viewed', properties: { ...properties(1), name: 'Home', url: `${site.origin}/` } },
      3: { type: 'group', event: 'Grouped', properties: { groupId: 'g1' }, traits: properties(3) },
    }
    for (const one of events) {
      const expected = calls[one.n] ?? { type: 'track', event: 'Visit', properties: properties(one.n) }
      expect(one.event).toMatchObject({ actor: { type: 'user', id: 'browser-user' }, context: { page: { path: '/' } }, ...expected })
      expectTime(one)
    }
  })

  it('loses no event in a kill and an outage, though the page was left meanwhile, and none is applied twice', () => {
    expect(appliedNumbers(BROWSER)).toEqual(numbers(0, LAST))
  })
})
