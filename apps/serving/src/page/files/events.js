// The names of stored events: how many, since when, what does not fit the tracking plan, and what was expected and never came.
import { count, element, localTime, timeElement } from './answers.js'

const SHOWN_MAX = 25

const body = document.querySelector('#events tbody')
const notes = document.getElementById('event-notes')
const summary = document.getElementById('events-summary')
const rows = new Map()

export function showEvents(answer) {
  const { items } = answer
  document.getElementById('events').hidden = items.length === 0
  document.getElementById('no-events').hidden = items.length > 0
  setText(summary, summaryOf(answer))
  // Names that need a look are shown wherever they stand in the order of numbers.
  const shown = items.filter((item, index) => index < SHOWN_MAX || item.near !== null || item.defects > 0)
  const before = [...body.children]
  const after = shown.map((item) => rowOf(item, answer))
  if (before.length !== after.length || before.some((row, index) => row !== after[index])) body.replaceChildren(...after)
  showNotes(answer, items.length - shown.length)
}

function summaryOf({ items, others, since }) {
  const from = since === null ? '' : `, counted since ${localTime(since)}`
  const rest = others.events === 0 ? '' : `, and ${count(others.events)} events of other names`
  return `${count(items.length)} ${items.length === 1 ? 'name' : 'names'}${rest}${from}`
}

/** The row of a name. Unchanged rows stay as they are, so that a selection and opened details stay. */
function rowOf(item, answer) {
  const key = JSON.stringify([item, answer.unplanned])
  const known = rows.get(item.event)
  if (known?.key === key) return known.row
  const isOpen = known?.row.querySelector('details')?.open === true
  const row = element(
    'tr',
    { attributes: { 'data-event': item.event } },
    element('th', { attributes: { scope: 'row' } }, element('code', { text: item.event })),
    element('td', { text: count(item.events), attributes: { class: 'number' } }),
    element('td', { attributes: { class: 'seen-time' } }, timeElement(item.firstAt)),
    element('td', { attributes: { class: 'seen-time' } }, timeElement(item.lastAt)),
    element('td', {}, ...remarksOf(item, answer), ...defectsOf(item, isOpen)),
  )
  rows.set(item.event, { key, row })
  return row
}

function remarksOf({ signals, near, contract }, { unplanned }) {
  const words = []
  if (signals.length > 0) words.push([`signal ${signals.join(', ')}`])
  if (near !== null) words.push(['looks like ', element('code', { text: near })])
  if (signals.length === 0 && near === null) words.push(['no signal'])
  if (contract !== null) words.push([`contract ${contract.version}, ${contract.mode === 'enforce' ? 'enforced' : 'observed'}`])
  else if (unplanned !== null && unplanned !== 'allow') words.push(['not in the plan'])
  return words.map((parts) => element('span', { attributes: { class: 'event-remark' } }, ...parts))
}

function defectsOf({ event, defects, samples }, isOpen) {
  if (defects === 0) return []
  const details = element(
    'details',
    {},
    element(
      'summary',
      { text: `${count(defects)} ${defects === 1 ? 'defect' : 'defects'}` },
      element('span', { text: ` of ${event}`, attributes: { class: 'unseen' } }),
    ),
    element('ul', {}, ...samples.map(sampleItem)),
  )
  details.open = isOpen
  return [details]
}

function sampleItem({ events, reason, actor, id, receivedAt }) {
  const number = `${count(events)} ${events === 1 ? 'event' : 'events'}: `
  return element('li', {}, number, element('code', { text: reason }), ` (the last: ${id} of ${actor}, `, timeElement(receivedAt), ')')
}

function showNotes({ signalsWithoutEvents, plannedWithoutEvents }, hidden) {
  const items = [
    ...signalsWithoutEvents.map(({ signal, events, named }) => [
      `The signal ${signal} has matched no event: `,
      ...listOf(events),
      named === 0 ? ' never came.' : ` came ${count(named)} times, and its where did not hold.`,
    ]),
    ...plannedWithoutEvents.map(({ event }) => ['The plan has ', element('code', { text: event }), ', which never came.']),
    ...(hidden > 0 ? [[`${count(hidden)} more names: `, element('a', { text: '/v1/event-names', attributes: { href: '/v1/event-names' } })]] : []),
  ]
  const made = items.map((parts) => element('li', {}, ...parts))
  const text = (list) => JSON.stringify(list.map(({ textContent }) => textContent))
  if (text([...notes.children]) !== text(made)) notes.replaceChildren(...made)
}

const listOf = (events) => events.flatMap((event, index) => [...(index === 0 ? [] : [', ']), element('code', { text: event })])

function setText(place, text) {
  if (place.textContent !== text) place.textContent = text
}
