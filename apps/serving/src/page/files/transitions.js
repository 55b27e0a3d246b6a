// The newest transitions, as sentences. The list is not announced to screen readers; sometimes one sentence says how many there were.
import { element, timeElement } from './answers.js'

const ANNOUNCE_EVERY_MS = 5000
const list = document.getElementById('transitions')
const news = document.getElementById('news')

/** Adds records of the feed, oldest first, at the top of the list. */
export function addTransitions(items, { most, announce }) {
  if (items.length === 0) return
  document.getElementById('nothing').hidden = true
  for (const item of items) list.prepend(entry(item))
  while (list.children.length > most) list.lastElementChild.remove()
  if (announce) waiting.push(...items)
}

function entry({ output, words }) {
  return element('li', { attributes: { 'data-id': output.id } }, timeElement(output.at), element('span', {}, ...withLink(words, output.actor)))
}

/** The sentence, with its actor as a link to the history. */
function withLink(words, { type, id }) {
  const who = `${type} ${id}`
  const [before, ...after] = words.split(who)
  if (after.length === 0) return [words]
  return [before, element('a', { text: who, attributes: { href: `#actor=${encodeURIComponent(id)}` } }), after.join(who)]
}

let waiting = []
setInterval(() => {
  if (waiting.length === 0) return
  news.textContent = waiting.length === 1 ? waiting[0].words : `${waiting.length} new transitions, the last: ${waiting.at(-1).words}`
  waiting = []
}, ANNOUNCE_EVERY_MS)
