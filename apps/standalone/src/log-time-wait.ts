import type { Instant } from '#contracts'

/** A caller that waits until log time has passed an instant. */
interface Waiting {
  readonly until: Instant
  readonly resolve: () => void
}

/** Lets callers wait until the processor has reached a log time. */
export class LogTimeWait {
  #logTime: Instant | undefined
  #waiting: Waiting[] = []

  /** Reports that the processor has reached a log time; minus infinity before the first tick. */
  advance(logTime: Instant): void {
    this.#logTime = logTime
    const passed = this.#waiting.filter(({ until }) => until <= logTime)
    this.#waiting = this.#waiting.filter(({ until }) => until > logTime)
    for (const { resolve } of passed) resolve()
  }

  /** Resolves when log time has reached `until`. With minus infinity it resolves when the processor has restored its state. */
  async reaches(until: Instant): Promise<void> {
    if (this.#logTime !== undefined && this.#logTime >= until) return
    await new Promise<void>((resolve) => this.#waiting.push({ until, resolve }))
  }
}
