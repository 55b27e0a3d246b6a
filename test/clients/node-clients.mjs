// The SDKs for Node as one application that sends events with each of them. Plain JavaScript: it runs beside the installed SDKs.
// It reads commands from standard input, one JSON a line: {"send": [from, to]} and {"end": true}. It writes what became of each event.
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Analytics as CustomerioAnalytics } from '@customerio/cdp-analytics-node'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics as SegmentAnalytics } from '@segment/analytics-node'
import FormerSegmentAnalytics from 'analytics-node'
import { CloudEvent, emitterFor, httpTransport } from 'cloudevents'
import { PostHog } from 'posthog-node'

const { CLIENT_URL: url, CLIENT_KEYS: keysText, CLIENT_BASE_MS: baseText } = process.env
const keys = JSON.parse(keysText)
const BATCH = 5
const PAUSE_MS = 500
const CLOSE_MS_MAX = 120_000
const REPEAT_MS = 200
/** The first events are one of each type of call; all others are tracks. */
const CALLS = ['identify', 'page', 'screen', 'group', 'alias']

const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const propertiesOf = (n) => ({ n, price: 12.5, text: 'Käse 🧀', list: [1, 'b', null, true], deep: { empty: {} } })
const timeOf = (n) => new Date(Number(baseText) + n * 1000)
const userOf = (name, n) => `${name}-user-${n % 3}`

/** The fields of a Segment call. Every tenth event is of a visitor who is not known. */
function fieldsOf(name, n) {
  const who = n % 10 === 9 ? { anonymousId: `${name}-visitor-${n}` } : { userId: userOf(name, n) }
  const fields = { ...who, messageId: `${name}-${n}`, timestamp: timeOf(n) }
  const more = {
    identify: { traits: propertiesOf(n) },
    page: { name: 'Home', properties: propertiesOf(n) },
    screen: { name: 'Home', properties: propertiesOf(n) },
    group: { groupId: 'g1', traits: propertiesOf(n) },
    alias: { previousId: `${name}-before-${n}` },
  }
  return { ...fields, ...(more[CALLS[n]] ?? { event: 'Visit', properties: propertiesOf(n) }) }
}

/** An SDK with methods of the Segment specification, each with a callback that gets the error. */
function segmentLike(name, client, close) {
  const outcomes = []
  return {
    send(n) {
      const outcome = Promise.withResolvers()
      outcomes.push(outcome.promise)
      client[CALLS[n] ?? 'track'](fieldsOf(name, n), (error) => {
        report({ client: name, n, failed: Boolean(error) })
        outcome.resolve()
      })
    },
    async end() {
      await close()
      await Promise.all(outcomes)
    },
  }
}

function segment(name) {
  const client = new SegmentAnalytics({ writeKey: keys[name], host: url, maxEventsInBatch: BATCH, flushInterval: PAUSE_MS })
  return segmentLike(name, client, () => client.closeAndFlush({ timeout: CLOSE_MS_MAX }))
}

function customerio(name, settings) {
  const client = new CustomerioAnalytics({ writeKey: keys[name], host: url, maxEventsInBatch: BATCH, flushInterval: PAUSE_MS, ...settings })
  return segmentLike(name, client, () => client.closeAndFlush({ timeout: CLOSE_MS_MAX }))
}

/** Without an error handler, a batch that fails in the background ends the process: its promise has no other receiver. */
const errorHandler = () => undefined

function formerSegment(name, settings) {
  const client = new FormerSegmentAnalytics(keys[name], { host: url, flushAt: BATCH, flushInterval: PAUSE_MS, errorHandler, ...settings })
  return segmentLike(name, client, () => flushAll(client))
}

function rudderstack(name, settings) {
  const client = new RudderAnalytics(keys[name], { dataPlaneUrl: url, flushAt: BATCH, flushInterval: PAUSE_MS, logLevel: 'none', errorHandler, ...settings })
  return segmentLike(name, client, () => flushAll(client))
}

/** One flush sends one batch. */
async function flushAll(client) {
  do await client.flush().catch(errorHandler)
  while (client.queue.length > 0)
}

function posthog(name) {
  const client = new PostHog(keys[name], { host: url, flushAt: BATCH, flushInterval: PAUSE_MS })
  client.on('error', () => undefined)
  client.on('flush', (messages) => {
    for (const { properties } of messages) report({ client: name, n: properties.n ?? properties.$set?.n, failed: false })
  })
  return {
    send(n) {
      const distinctId = userOf(name, n)
      if (n === 0) return client.identify({ distinctId, properties: propertiesOf(n) })
      const uuid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
      return client.capture({ distinctId, event: 'Visit', properties: propertiesOf(n), timestamp: timeOf(n), uuid })
    },
    end: () => client.shutdown(CLOSE_MS_MAX),
  }
}

/** The SDK of CloudEvents sends one event a request and repeats nothing, so the application repeats. */
function cloudevents(name) {
  const emit = emitterFor(httpTransport(`${url}/v1/cloudevents`))
  const headers = { authorization: `Bearer ${keys[name]}` }
  let last = Promise.resolve()
  async function deliver(n) {
    const event = new CloudEvent({
      id: String(n),
      source: '/player',
      type: 'Visit',
      subject: userOf(name, n),
      time: timeOf(n).toISOString(),
      data: propertiesOf(n),
    })
    while (!(await isAccepted(event))) await sleep(REPEAT_MS)
    report({ client: name, n, failed: false })
  }
  // The SDK does not tell the status of the answer, but Rondo's answer tells what became of the event.
  const isAccepted = (event) =>
    emit(event, { headers }).then(
      ({ body }) => JSON.parse(body).success === true,
      () => false,
    )
  return {
    send(n) {
      last = last.then(() => deliver(n))
    },
    end: () => last,
  }
}

const clients = {
  segment: segment('segment'),
  'analytics-node': formerSegment('analytics-node', { retryCount: 10 }),
  'analytics-node-default': formerSegment('analytics-node-default', {}),
  rudderstack: rudderstack('rudderstack', { retryCount: 10 }),
  'rudderstack-default': rudderstack('rudderstack-default', {}),
  customerio: customerio('customerio', { maxRetries: 300 }),
  'customerio-default': customerio('customerio-default', {}),
  posthog: posthog('posthog'),
  cloudevents: cloudevents('cloudevents'),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { send, end } = JSON.parse(line)
  if (send !== undefined) for (let n = send[0]; n < send[1]; n++) for (const client of Object.values(clients)) client.send(n)
  if (end) break
}
await Promise.all(
  Object.entries(clients).map(async ([client, { end }]) => {
    await end()
    report({ client, ended: true })
  }),
)
process.exit(0)
