// The page: asks for the stages and waits for transitions while it is open. It stores nothing; everything comes from the API.
import { lookUpFromAddress, offerLookUp } from './actor.js'
import { getJson, Refused, setTimeZone, sleep } from './answers.js'
import { showEvents } from './events.js'
import { showRefused } from './refused.js'
import { showRemarks } from './remarks.js'
import { showAges, showStages } from './stages.js'
import { addTransitions } from './transitions.js'

const SHOWN_MAX = 30
const WAIT_S = 20
const STAGES_EVERY_MS = 5000
const REMARKS_EVERY_MS = 30_000
const EVENTS_EVERY_MS = 10_000
const RETRY_MS_MAX = 10_000
/** While many transitions come in, the numbers change at most this often. */
const REST_MS = 500

const byId = (id) => document.getElementById(id)
let isPaused = false
let resume = Promise.withResolvers()

byId('pause').addEventListener('click', () => {
  isPaused = !isPaused
  byId('pause').setAttribute('aria-pressed', String(isPaused))
  byId('pause').textContent = isPaused ? 'Go on' : 'Pause'
  if (isPaused) resume = Promise.withResolvers()
  else resume.resolve()
})

/** Repeats something; if the server does not answer, it shows that and tries again, at growing intervals. */
async function keepOn(step) {
  let failures = 0
  for (;;) {
    if (isPaused) await resume.promise
    try {
      await step()
      if (failures > 0) byId('error').hidden = true
      failures = 0
    } catch (error) {
      failures++
      byId('error').textContent = error instanceof Refused ? error.message : 'Rondo does not answer. The numbers below are old; trying again …'
      byId('error').hidden = false
      await sleep(Math.min(RETRY_MS_MAX, 500 * 2 ** failures))
    }
  }
}

async function refreshStages() {
  showStages(await getJson(`/v1/cycles/${encodeURIComponent(cycle)}/stages`))
}

let cursor
async function followTransitions() {
  const isFirst = cursor === undefined
  const query = isFirst ? `newest=${SHOWN_MAX}` : `after=${cursor}&limit=${SHOWN_MAX}&wait=${WAIT_S}`
  let { items, next } = await getJson(`/v1/transitions?words=true&${query}`)
  // More outputs came at once than are shown: those between are left out.
  if (!isFirst && items.length === SHOWN_MAX) ({ items, next } = await getJson(`/v1/transitions?words=true&newest=${SHOWN_MAX}`))
  cursor = next
  if (isPaused) await resume.promise
  addTransitions(items, { most: SHOWN_MAX, announce: !isFirst })
  if (items.length > 0) {
    await refreshStages()
    await sleep(REST_MS)
  }
}

let cycle
async function begin() {
  const { items } = await getJson('/v1/cycles')
  const [{ cycle: name, version, title, actor, timezone }] = items
  cycle = name
  setTimeZone(timezone)
  document.title = `${title} · Rondo`
  byId('title').textContent = title
  byId('cycle').textContent = `cycle ${name}, version ${version}`
  byId('actor-type').textContent = actor
  byId('timezone').textContent = timezone
  offerLookUp(actor)
}

async function start() {
  while (cycle === undefined) {
    await begin().catch(async () => {
      byId('error').textContent = 'Rondo does not answer. Trying again …'
      byId('error').hidden = false
      await sleep(2000)
    })
  }
  byId('error').hidden = true
  setInterval(showAges, 1000)
  lookUpFromAddress()
  keepOn(followTransitions)
  keepOn(async () => {
    await refreshStages()
    await sleep(STAGES_EVERY_MS)
  })
  keepOn(async () => {
    showRemarks(await getJson(`/v1/cycles/${encodeURIComponent(cycle)}/remarks`))
    await sleep(REMARKS_EVERY_MS)
  })
  keepOn(async () => {
    showRefused(await getJson('/v1/quarantine/counts'))
    await sleep(REMARKS_EVERY_MS)
  })
  keepOn(async () => {
    showEvents(await getJson('/v1/event-names'))
    await sleep(EVENTS_EVERY_MS)
  })
}

start()
