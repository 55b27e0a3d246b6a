import { setTimeout as sleep } from 'node:timers/promises'
import { RondoError } from '#contracts'

/** Resolves after so many milliseconds, or at the signal, whichever comes first. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>

/** Waits by the timers of Node. At the signal the timer rejects, which only ends the pause. */
export const pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {})

/** How pauses between two attempts or calls are made. */
interface Pauses {
  /** Ends the attempts and cuts a pause short. A running attempt is not cut short. */
  readonly signal?: AbortSignal
  /** The function that waits: tests have a clock of their own. */
  readonly wait?: Pause
}

/** When {@link retry} tries again. */
export interface RetryOptions<Failure> extends Pauses {
  /** The pause after the first failure, in milliseconds; each further pause is twice as long, up to `pauseMsMax`. */
  readonly pauseMs: number
  /** By default `pauseMs`: all pauses have the same length. */
  readonly pauseMsMax?: number
  /** By default there is no limit. */
  readonly attemptsMax?: number
  /** Whether another attempt may succeed. By default it may after a retriable {@link RondoError}. */
  readonly retryOn?: (failure: unknown) => boolean
  /** Called with a failure that is followed by another attempt. */
  readonly onFailure?: (failure: Failure) => void
}

/**
 * Calls `work` until it succeeds.
 * @returns undefined if the signal came first; then no attempt begins any more, and a failure of the last one is ignored
 * @throws the failure, if another attempt would fail too, or if it was the last attempt
 */
export async function retry<T, Failure = RondoError>(work: () => Promise<T>, options: RetryOptions<Failure>): Promise<T | undefined> {
  const defaults = { wait: pause, pauseMsMax: options.pauseMs, attemptsMax: Number.POSITIVE_INFINITY, retryOn: isRetriable }
  const { signal, wait, pauseMs, pauseMsMax, attemptsMax, retryOn, onFailure } = { ...defaults, ...options }
  for (let attempt = 1, ms = pauseMs; !isAborted(signal); attempt++, ms = Math.min(2 * ms, pauseMsMax)) {
    try {
      return await work()
    } catch (failure) {
      if (isAborted(signal)) return undefined
      if (attempt >= attemptsMax || !retryOn(failure)) throw failure
      onFailure?.(failure as Failure)
      await wait(ms, signal)
    }
  }
  return undefined
}

/** How {@link poll} repeats its calls. */
export interface PollOptions extends Pauses {
  readonly signal: AbortSignal
  /** The pause after each call, in milliseconds. */
  readonly pauseMs: number
  /** Called with each failure, after which polling continues. Without it a failure ends the polling. */
  readonly onFailure?: (failure: unknown) => void
}

/** Calls `work`, with a pause after each call, until the signal. */
export async function poll(work: () => Promise<void>, { signal, wait = pause, pauseMs, onFailure }: PollOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
    } catch (failure) {
      if (signal.aborted) return
      if (onFailure === undefined) throw failure
      onFailure(failure)
    }
    await wait(pauseMs, signal)
  }
}

/** For {@link RetryOptions.retryOn}: every failure is retried. */
export const anyFailure = (): boolean => true

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
const isRetriable = (failure: unknown): boolean => failure instanceof RondoError && failure.retriable
