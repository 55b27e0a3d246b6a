// <rondo-stages src="https://rondo.example/v1/cycles/shopper/stages?link=…" refresh="60"></rondo-stages>
// The stages of a cycle with their counts, on a page of anybody. What it shows is what its link shows.
import type { StagesAnswer } from '../answers/answers.ts'
import { pause } from '../clock.ts'
import { count, share } from '../format/numbers.ts'
import { stageStyle } from './stage-style.ts'

const REFRESH_S = 60
const REFRESH_S_MIN = 5

/** An element with a text; what comes from an answer is never read as HTML. */
function element(name: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.append(...content)
  return made
}

/** The stages of a cycle, asked for again from time to time. */
class RondoStages extends HTMLElement {
  static readonly observedAttributes = ['src', 'refresh']
  readonly #root = this.attachShadow({ mode: 'open' })
  #left = new AbortController()

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [stageStyle()]
    this.#follow()
  }

  disconnectedCallback(): void {
    this.#left.abort()
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#follow()
  }

  #follow(): void {
    this.#left.abort()
    this.#left = new AbortController()
    void this.#repeat(this.#left.signal)
  }

  async #repeat(left: AbortSignal): Promise<void> {
    while (!left.aborted) {
      await this.#show(left)
      const seconds = Number(this.getAttribute('refresh') ?? REFRESH_S) || REFRESH_S
      await pause(Math.max(seconds, REFRESH_S_MIN) * 1000, left)
    }
  }

  async #show(left: AbortSignal): Promise<void> {
    const source = this.getAttribute('src')
    if (source === null) return this.#draw([element('p', 'refused', 'This element needs src: a link to the stages of a cycle.')])
    try {
      // Without cookies and keys: the link alone decides.
      const answer = await fetch(source, { credentials: 'omit', referrerPolicy: 'no-referrer', signal: left })
      const body = (await answer.json()) as StagesAnswer & { readonly message?: string }
      if (!answer.ok) this.#draw([element('p', 'refused', body.message ?? `Rondo answered with ${answer.status}.`)])
      else this.#draw(picture(body))
    } catch {
      if (!left.aborted) this.#refuse('Rondo does not answer.')
    }
  }

  /** Numbers that were shown before stay, with what is wrong above them. */
  #refuse(text: string): void {
    this.#root.querySelector('.refused')?.remove()
    this.#root.prepend(element('p', 'refused', text))
  }

  #draw(content: readonly Node[]): void {
    this.#root.replaceChildren(...content)
  }
}

function picture({ cycle, title, total, stages, asOf }: StagesAnswer): Node[] {
  const most = Math.max(1, ...stages.map(({ actors }) => actors))
  const rows = stages.map(({ id, title: name, kind, actors }) => {
    const bar = element('span', 'bar')
    bar.style.setProperty('inline-size', `${(100 * actors) / most}%`)
    const row = element('li', `stage ${kind}`, element('span', 'name', name), element('span', 'track', bar), element('span', 'count', count(actors)))
    row.dataset['stage'] = id
    row.title = share(actors, total)
    return row
  })
  const heading = element('h3', 'title', title || cycle)
  const list = element('ul', 'stages', ...rows)
  const time = asOf.logTime === null ? 'Nothing has been counted yet.' : `${count(total)} in all, at ${asOf.logTime.slice(0, 16).replace('T', ' ')} UTC`
  return [heading, list, element('p', 'foot', time)]
}

customElements.define('rondo-stages', RondoStages)
