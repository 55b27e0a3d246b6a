import type { RondoError } from '#contracts'
import { retry } from '#runtime'
import type { Server } from './server.ts'

/** A request that is repeated while the server does not answer. */
export interface AskingAgain {
  readonly server: Server
  readonly stop: AbortSignal
  readonly print: (text: string) => void
  /** The message at the first failure. Another message follows when the server answers again. */
  readonly lost: (failure: RondoError) => string
  /** As those of {@link retry}. */
  readonly pauses: { readonly pauseMs: number; readonly pauseMsMax?: number; readonly attemptsMax?: number }
}

/**
 * Asks a server again while it does not answer.
 * @throws what {@link retry} throws, and the reason of `stop`
 */
export async function askAgain<T extends object>(ask: () => Promise<T>, { server, stop, print, lost, pauses }: AskingAgain): Promise<T> {
  let isLost = false
  const onFailure = (failure: RondoError): void => {
    if (!isLost) print(`rondo: ${lost(failure)}\n`)
    isLost = true
  }
  const answer = await retry(ask, { ...pauses, signal: stop, onFailure })
  if (answer === undefined) throw stop.reason
  if (isLost) print(`rondo: ${server.url} answers again.\n`)
  return answer
}
