// The page: asks for the stages and waits for transitions while it is open. It stores nothing; everything comes from the API.
import { lookUpFromAddress, offerLookUp } from './actor.js'
import { getJson, Refused, setTimeZone, sleep } from './answers.js'
import { readCycle, showBuilding } from './cycles.js'
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
      showError(error instanceof Refused ? error.message : 'Rondo does not answer. The numbers below are old; trying again …')
      await sleep(Math.min(RETRY_MS_MAX, 500 * 2 ** failures))
    }
  }
}

async function refreshStages() {
  const answer = await getJson(`/v1/cycles/${encodeURIComponent(cycle)}/stages`)
  showStages(answer)
  showBuilding(answer.building)
}

let cursor
async function followTransitions() {
  const isFirst = cursor === undefined
  const feed = `/v1/transitions?words=true&${inCycle()}`
  const query = isFirst ? `newest=${SHOWN_MAX}` : `after=${cursor}&limit=${SHOWN_MAX}&wait=${WAIT_S}`
  let { items, next } = await getJson(`${feed}&${query}`)
  // More outputs came at once than are shown: those between are left out.
  if (!isFirst && items.length === SHOWN_MAX) ({ items, next } = await getJson(`${feed}&newest=${SHOWN_MAX}`))
  cursor = next
  if (isPaused) await resume.promise
  addTransitions(items, { most: SHOWN_MAX, announce: !isFirst })
  if (items.length > 0) {
    await refreshStages()
    await sleep(REST_MS)
  }
}

let cycle
const inCycle = () => `cycle=${encodeURIComponent(cycle)}`

/** @returns whether the address names a cycle that is shown here */
async function begin() {
  const shown = await readCycle()
  if (shown === undefined) return false
  const { cycle: name, version, title, actor, timezone } = shown
  cycle = name
  setTimeZone(timezone)
  document.title = `${title} · Rondo`
  byId('title').textContent = title
  byId('cycle').textContent = `cycle ${name}, version ${version}`
  byId('actor-type').textContent = actor
  byId('timezone').textContent = timezone
  offerLookUp(actor, inCycle())
  return true
}

function showError(text) {
  byId('error').textContent = text
  byId('error').hidden = false
}

async function start() {
  while (cycle === undefined) {
    const isKnown = await begin().catch(async () => {
      showError('Rondo does not answer. Trying again …')
      await sleep(2000)
    })
    if (isKnown === false) {
      byId('cycle').textContent = ''
      return showError('There is no such cycle here. Choose one of those above.')
    }
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
    showEvents(await getJson(`/v1/event-names?${inCycle()}`))
    await sleep(EVENTS_EVERY_MS)
  })
}

start()
