/** The clock of the browser: ages of answers, and what is asked for. No number comes from it. */
export const clock = {
  now: (): number => Date.now(),
}

/** Resolves after a time, or sooner if the signal is aborted. */
export const pause = (ms: number, until?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    until?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
