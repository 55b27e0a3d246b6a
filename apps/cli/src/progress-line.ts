import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#runtime'
import type { Terminal } from './terminal.ts'

/** Nobody could read a line that changes more often. */
const REFRESH_MS = 200
const CLEAR_LINE = '\r\u001b[K'

/** A line on a terminal that shows the progress of the work. It writes nothing where messages go to a file. */
export class ProgressLine {
  readonly #messages: Terminal['messages']
  readonly #clock: Clock
  #shownAt = Number.NEGATIVE_INFINITY
  #isShown = false

  constructor(messages: Terminal['messages'], clock: Clock) {
    this.#messages = messages
    this.#clock = clock
  }

  /** Shows the line if the last one is old enough, and lets signals and timers run. */
  async show(text: () => string): Promise<void> {
    const now = this.#clock.now()
    if (now - this.#shownAt < REFRESH_MS) return
    this.#shownAt = now
    if (this.#messages.isTTY === true) {
      this.#messages.write(`${CLEAR_LINE}${text()}`)
      this.#isShown = true
    }
    await setImmediate()
  }

  /** Writes a message above the line. */
  print(text: string): void {
    this.clear()
    this.#messages.write(text)
  }

  clear(): void {
    if (this.#isShown) this.#messages.write(CLEAR_LINE)
    this.#isShown = false
  }
}
