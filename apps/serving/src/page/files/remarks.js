// Remarks: events that match no signal, values that were not counted, suspicious ids. Hidden while there are none.
import { element } from './answers.js'

const section = document.getElementById('remarks')
const list = section.querySelector('ul')

export function showRemarks({ words }) {
  section.hidden = words.length === 0
  const before = [...list.children].map(({ textContent }) => textContent)
  const plain = words.map((text) => text.replaceAll('`', ''))
  // Unchanged parts are not replaced, so that a user's selection stays.
  if (JSON.stringify(before) === JSON.stringify(plain)) return
  list.replaceChildren(...words.map((text) => element('li', {}, ...withCode(text))))
}

/** Names stand between backticks. */
function withCode(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', { text: part }) : part))
}
