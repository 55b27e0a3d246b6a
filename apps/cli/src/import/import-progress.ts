import type { Clock } from '#runtime'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'

const BAR_WIDTH = 30
const LINE_EVERY_MS = 5000

const grouped = new Intl.NumberFormat('en')

/** Shows the progress of an import: a bar on a terminal, otherwise a line every few seconds. */
export class ImportProgress {
  readonly #messages: Terminal['messages']
  readonly #clock: Clock
  readonly #line: ProgressLine
  readonly #started: number
  #reportedAt: number
  #from = 0
  #fromAt = 0

  constructor(messages: Terminal['messages'], clock: Clock) {
    this.#messages = messages
    this.#clock = clock
    this.#line = new ProgressLine(messages, clock)
    this.#started = clock.now()
    this.#reportedAt = this.#started
  }

  reading(rows: number): Promise<void> {
    return this.#show(() => `${grouped.format(rows)} rows read`)
  }

  /** Starts to count the rate: earlier rows were imported before and took no time. */
  begin(from: number): void {
    this.#from = from
    this.#fromAt = this.#clock.now()
  }

  importing(done: number, all: number): Promise<void> {
    return this.#show(() => {
      const seconds = (this.#clock.now() - this.#fromAt) / 1000
      const rate = seconds > 0 ? `  ${grouped.format(Math.round((done - this.#from) / seconds))} rows/s` : ''
      return `${this.#bar(done / all)}${String(Math.floor((done / all) * 100)).padStart(3)} %  ${grouped.format(done)} of ${grouped.format(all)} rows${rate}`
    })
  }

  print(text: string): void {
    this.#line.print(text)
  }

  clear(): void {
    this.#line.clear()
  }

  #bar(share: number): string {
    if (this.#messages.isTTY !== true) return ''
    const full = Math.round(share * BAR_WIDTH)
    return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] `
  }

  async #show(text: () => string): Promise<void> {
    const now = this.#clock.now()
    if (this.#messages.isTTY !== true && now - this.#reportedAt >= LINE_EVERY_MS) {
      this.#reportedAt = now
      this.#messages.write(`${text().trimStart()}\n`)
    }
    await this.#line.show(text)
  }
}
