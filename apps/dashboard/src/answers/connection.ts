import { signal } from '@preact/signals'

/** Whether the newest request was answered. */
export const isAnswering = signal(true)

/** Whether the page stands still because its reader wants it. */
export const isPaused = signal(false)

let resumed = Promise.withResolvers<void>()

/** Stops and continues everything that changes by itself. */
export function togglePause(): void {
  isPaused.value = !isPaused.value
  if (isPaused.value) resumed = Promise.withResolvers<void>()
  else resumed.resolve()
}

/** Resolves at once, or when the page is no longer paused. */
export const whileRunning = async (): Promise<void> => {
  if (isPaused.value) await resumed.promise
}

const WAIT_MS_MAX = 10_000

/** How long to wait before the same request again, after some failures in a row. */
export const backoffMs = (failures: number): number => Math.min(WAIT_MS_MAX, 250 * 2 ** failures)
