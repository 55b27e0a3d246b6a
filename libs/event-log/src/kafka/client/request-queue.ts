import { createRequire } from 'node:module'

/** The parts of kafkajs' queue of requests that are replaced. */
interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * An idle connection of kafkajs 2.2.4 sets a timer every millisecond to check for waiting requests, although none can wait. A few such
 * connections take some percent of a core, and Node warns about a negative time. Here no timer is set while no request waits.
 */
export function quietRequestQueues(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & { isQuiet?: boolean } }
  if (prototype.isQuiet === true) return
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.isQuiet = true
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this)
  }
}
