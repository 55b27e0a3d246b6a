// Refused events by their reasons. Hidden while there are none.
import { count, element } from './answers.js'

const SHOWN_MAX = 8

const section = document.getElementById('refused')
const list = section.querySelector('ul')
const summary = document.getElementById('refused-summary')

export function showRefused({ open, reasons, more, usage }) {
  section.hidden = open === 0
  const removed = usage.dropped.records === 0 ? '' : `; the limits have removed ${count(usage.dropped.records)}`
  const text = `${count(open)}${more ? ' and more' : ''} ${open === 1 ? 'is' : 'are'} open${removed}`
  if (summary.textContent !== text) summary.textContent = text
  const shown = reasons.slice(0, SHOWN_MAX).map((one) => `${one.count} ${one.code} ${one.reason} ${one.id}`)
  // Unchanged parts are not replaced, so that a user's selection stays.
  if (list.dataset.shown === shown.join('\n')) return
  list.dataset.shown = shown.join('\n')
  list.replaceChildren(...reasons.slice(0, SHOWN_MAX).map(itemOf))
}

function itemOf({ code, reason, count: events, id }) {
  const example = element('a', { text: id, attributes: { href: `/v1/quarantine/${encodeURIComponent(id)}` } })
  return element('li', {}, element('strong', { text: count(events) }), ` × ${reason} (`, element('code', { text: code }), ', such as ', example, ')')
}
