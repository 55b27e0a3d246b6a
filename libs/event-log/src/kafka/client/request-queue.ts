import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * A connection of kafkajs 2.2.4, once used, sets a timer every millisecond for ever, to see whether requests wait that it has none of: some
 * percent of a core for a few idle connections, and a warning of Node about a negative time. With nothing waiting none is set.
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
