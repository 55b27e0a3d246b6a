/**
 * What `work` comes to, or undefined as soon as the signal is aborted; what becomes of it then is of no matter to anybody. Promise.race with
 * a promise that stays open would keep every answer in memory for as long as that one does.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve(undefined)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
