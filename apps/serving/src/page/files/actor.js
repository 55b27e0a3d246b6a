// One actor: the stage, since when, and the receipts that say why.
import { element, getJson, localTimeWithZone, timeElement } from './answers.js'

const PAGE = 20
const place = document.getElementById('actor')
const input = document.getElementById('actor-id')
let type = 'user'
let inCycle = ''

/** @param query what names the cycle in a request */
export function offerLookUp(actorType, query) {
  type = actorType
  inCycle = query
  document.getElementById('lookup').addEventListener('submit', (event) => {
    event.preventDefault()
    const hash = `#actor=${encodeURIComponent(input.value)}`
    // The address contains the actor, so that it can be sent to other people.
    if (location.hash === hash) lookUpAndGoThere()
    else location.hash = hash
  })
  addEventListener('hashchange', lookUpAndGoThere)
}

/** Looks up the actor in the address, if there is one. */
export async function lookUpFromAddress() {
  const [, encoded] = /^#actor=(.+)$/.exec(location.hash) ?? []
  if (encoded === undefined) {
    document.getElementById('actor-freshness').textContent = ''
    place.replaceChildren()
    return
  }
  input.value = decoded(encoded)
  await lookUp(input.value)
}

/** The user has asked, so the answer gets the focus. */
async function lookUpAndGoThere() {
  await lookUpFromAddress()
  place.focus({ preventScroll: true })
  place.closest('section').scrollIntoView({ block: 'nearest' })
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const pathOf = (id, query) => `/v1/actors?${inCycle}&type=${encodeURIComponent(type)}&id=${encodeURIComponent(id)}&limit=${PAGE}${query}`

async function lookUp(id) {
  try {
    show(id, await getJson(pathOf(id, '')))
  } catch (error) {
    document.getElementById('actor-freshness').textContent = ''
    place.replaceChildren(element('p', { text: error.message, attributes: { class: 'quiet' } }))
  }
}

/** An id with blanks at its ends, or with invisible characters, in quotes and with escapes. */
function visible(id) {
  return /^\s|\s$|\p{C}/u.test(id) ? JSON.stringify(id) : id
}

function show(id, answer) {
  const { title, since, asOf, history, next } = answer
  // Another actor was asked for meanwhile.
  if (input.value !== id) return
  document.getElementById('actor-freshness').textContent = asOf.logTime === null ? '' : `as of ${localTimeWithZone(asOf.logTime)}`
  const who = `${type} ${visible(id)}`
  const where = title === null ? `${who} is in no stage: all its transitions were retracted.` : `${who}: ${title}`
  const sentence = element('p', {}, element('strong', { text: where }))
  if (since !== null) sentence.append(' since ', timeElement(since))
  const list = element('ol', { attributes: { 'aria-label': `What happened to ${visible(id)}, newest first` } })
  place.replaceChildren(sentence, list)
  addPage(id, list, { history, next })
}

function addPage(id, list, { history, next }) {
  list.append(...history.map(receipt))
  if (next === null) return
  const more = element('button', { text: 'Earlier ones', attributes: { type: 'button' } })
  more.addEventListener('click', async () => {
    const first = list.children.length
    addPage(id, list, await getJson(pathOf(id, `&before=${next}`)))
    more.remove()
    list.children[first]?.querySelector('summary')?.focus()
  })
  list.after(more)
}

function receipt({ output, words, grounds, retracted }) {
  const because = element('ul', {}, ...grounds.map((text) => element('li', { text })))
  const sentence = element('span', { text: words, attributes: retracted ? { class: 'gone' } : {} })
  const note = retracted ? ' (retracted since)' : ''
  const details = element('details', {}, element('summary', { text: 'Why' }), because)
  return element('li', {}, timeElement(output.at), sentence, note, details)
}
