// The table of stages: one row each, with a bar as long as its share of the largest.
import { ago, count, element, localTimeWithZone, share } from './answers.js'

const body = document.querySelector('#stages tbody')
const rows = new Map()

let latest
let isEmpty = true
let receivedAt = 0

export function showStages(answer) {
  latest = answer.asOf
  isEmpty = answer.total === 0
  receivedAt = performance.now()
  const largest = Math.max(1, ...answer.stages.map(({ actors }) => actors))
  for (const stage of answer.stages) {
    const row = rows.get(stage.id) ?? addRow(stage)
    setText(row.actors, count(stage.actors))
    setText(row.share, share(stage.actors, answer.total))
    row.bar.style.width = stage.actors === 0 ? '0' : `max(2px, ${(100 * stage.actors) / largest}%)`
  }
  setText(document.getElementById('total'), count(answer.total))
  showAges()
}

/** Shows beside every number up to when it counts; the age grows between two answers. */
export function showAges() {
  if (latest === undefined) return
  const { logTime, ageSeconds } = latest
  const age = ageSeconds === null ? 0 : ageSeconds + Math.round((performance.now() - receivedAt) / 1000)
  const unknown = isEmpty ? 'no data yet' : 'as of now, not dated yet'
  const text = logTime === null ? unknown : `as of ${localTimeWithZone(logTime)}, ${ago(age)}`
  for (const place of document.querySelectorAll('[data-freshness]')) setText(place, text)
}

function addRow({ id, title, kind }) {
  const bar = element('div', { attributes: { class: 'bar' } })
  const actors = element('td', { attributes: { class: 'number' } })
  const part = element('td', { attributes: { class: 'number' } })
  const name = element('th', { text: title, attributes: { scope: 'row' } }, element('span', { text: kind, attributes: { class: 'kind' } }))
  const cell = element('td', { attributes: { class: 'bar-column', 'aria-hidden': 'true' } }, bar)
  body.append(element('tr', { attributes: { 'data-kind': kind, 'data-stage': id } }, name, cell, actors, part))
  const row = { bar, actors, share: part }
  rows.set(id, row)
  return row
}

// Unchanged parts are not replaced, so that a user's selection stays.
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text
}
