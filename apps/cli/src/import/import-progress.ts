import type { Clock } from '#runtime'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'

const BAR_WIDTH = 30
/** How often a log file gets a line of progress. A terminal shows a bar instead. */
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
  #sent = 0

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

  /** @param length the characters of the rows that were sent just now */
  importing(done: number, all: number, length: number): Promise<void> {
    this.#sent += length
    return this.#show(() => {
      const percent = String(Math.floor((done / all) * 100)).padStart(3)
      const sent = `${(this.#sent / 1e6).toFixed(1)} MB`
      return `${this.#bar(done / all)}${percent} %  ${grouped.format(done)} of ${grouped.format(all)} rows  ${sent}${this.#pace(done, all)}`
    })
  }

  /** The rate since the beginning, and the time that the rest takes with it. */
  #pace(done: number, all: number): string {
    const seconds = (this.#clock.now() - this.#fromAt) / 1000
    const rate = (done - this.#from) / seconds
    if (!(rate > 0) || rate === Number.POSITIVE_INFINITY) return ''
    return `  ${grouped.format(Math.round(rate))} rows/s  ${timeLeft(Math.ceil((all - done) / rate))} left`
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

function timeLeft(seconds: number): string {
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
