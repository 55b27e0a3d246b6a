// The cycles that are shown here, the one in the address, and how far it is folded.
import { count, element, getJson, share } from './answers.js'

const place = document.getElementById('cycles')
const note = document.getElementById('building')

/** The cycle that the address names, or the first one; undefined if there is no such cycle. With several, links lead to the others. */
export async function readCycle() {
  const { items } = await getJson('/v1/cycles')
  const named = new URLSearchParams(location.search).get('cycle')
  const shown = named === null ? items[0] : items.find(({ cycle }) => cycle === named)
  if (items.length > 1 || shown === undefined) showLinks(items, shown)
  return shown
}

function showLinks(items, shown) {
  place.hidden = false
  place.replaceChildren(...items.map((item) => link(item, shown)))
}

function link({ cycle, title, actor }, shown) {
  const made = element('a', { text: title, attributes: { href: `?cycle=${encodeURIComponent(cycle)}` } })
  if (cycle === shown?.cycle) made.setAttribute('aria-current', 'page')
  // The actor that was looked up may also be in another cycle for actors of its type.
  else if (actor === shown?.actor)
    made.addEventListener('click', () => {
      made.hash = location.hash
    })
  return made
}

/** Shows how far a cycle is folded, until it has come to the end of the stored log. */
export function showBuilding(building) {
  note.hidden = building === null
  if (building === null) return
  const { folded, records } = building
  const text = `The stored log is being folded into this cycle: ${share(folded, records)} of ${count(records)} records so far. The numbers are those of the time beside them.`
  if (note.textContent !== text) note.textContent = text
}
