// What should be looked at: events of no signal, values of no sum, suspicious ids. Nothing is shown where there is nothing to say.
import { element } from './answers.js'

const section = document.getElementById('remarks')
const list = section.querySelector('ul')

export function showRemarks({ words }) {
  section.hidden = words.length === 0
  const before = [...list.children].map(({ textContent }) => textContent)
  // What has not changed is left alone, so that nobody loses what they have marked.
  if (JSON.stringify(before) === JSON.stringify(words)) return
  list.replaceChildren(...words.map((text) => element('li', { text })))
}
