// What should be looked at: events of no signal, values of no sum, suspicious ids. Nothing is shown where there is nothing to say.
import { element } from './answers.js'

const section = document.getElementById('remarks')
const list = section.querySelector('ul')

export function showRemarks({ words }) {
  section.hidden = words.length === 0
  const before = [...list.children].map(({ textContent }) => textContent)
  const plain = words.map((text) => text.replaceAll('`', ''))
  // What has not changed is left alone, so that nobody loses what they have marked.
  if (JSON.stringify(before) === JSON.stringify(plain)) return
  list.replaceChildren(...words.map((text) => element('li', {}, ...withCode(text))))
}

/** Names stand between backticks. */
function withCode(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', { text: part }) : part))
}
