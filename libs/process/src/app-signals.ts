import { onTermination } from '#runtime'

/** The signals of an app, from its first moment on. A SIGHUP before the app runs is kept, and then reloads once. */
export class AppSignals {
  #end = (_cause: string): void => process.exit(1)
  #reload: (() => void) | undefined
  #isHangupKept = false

  constructor() {
    onTermination(
      (cause) => this.#end(cause),
      () => this.#hangup(),
    )
  }

  /** @param end how the app ends from now on, called with what ends it; before, there is nothing to end in order */
  starts(end: (cause: string) => void): void {
    this.#end = end
  }

  /** @param reload called at each SIGHUP from now on, and now if there was one */
  runs(reload: () => void): void {
    this.#reload = reload
    if (this.#isHangupKept) reload()
  }

  #hangup(): void {
    if (this.#reload === undefined) this.#isHangupKept = true
    else this.#reload()
  }
}
