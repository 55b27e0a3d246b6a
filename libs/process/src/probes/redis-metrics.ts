import { tracingChannel } from 'node:diagnostics_channel'
import { Counter, Histogram, type Registry } from 'prom-client'
import { stopwatch } from '#runtime'

/** In seconds: a command takes less than a millisecond, and fails after 5 s. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** The channel on which ioredis reports each command. */
const CHANNEL = 'ioredis:command'
/** The answer to the hash of a script that Redis does not have yet: ioredis then sends the script, so nothing has failed. */
const UNKNOWN_SCRIPT = 'NOSCRIPT'

/** Metrics of all commands that this process sends to Redis. @returns ends the measuring */
export function redisMetrics(registry: Registry): () => void {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'rondo_redis_command_duration_seconds',
    help: 'Time from a command to Redis until its answer or failure; a command that waits for a connection is one of them',
    buckets: BUCKETS,
    registers,
  })
  const failures = new Counter({ name: 'rondo_redis_command_failures_total', help: 'Commands to Redis that failed: refused, or without an answer', registers })
  const running = new WeakMap<object, () => number>()
  const subscribers = {
    start: (command: object) => void running.set(command, stopwatch()),
    asyncEnd(command: object) {
      const elapsed = running.get(command)
      if (elapsed !== undefined) seconds.observe(elapsed())
    },
    error({ error }: { readonly error?: unknown }) {
      if (!String(error).includes(UNKNOWN_SCRIPT)) failures.inc()
    },
  }
  const channel = tracingChannel<unknown, object>(CHANNEL)
  channel.subscribe(subscribers as never)
  return () => channel.unsubscribe(subscribers as never)
}
