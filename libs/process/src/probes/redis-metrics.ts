import { tracingChannel } from 'node:diagnostics_channel'
import { Counter, Histogram, type Registry } from 'prom-client'
import { stopwatch } from '#runtime'

/** In seconds: a command takes less than a millisecond, and fails after 5 s. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** The channels on which ioredis reports each command that it sends, and each attempt to connect. */
const COMMANDS = 'ioredis:command'
const CONNECTS = 'ioredis:connect'
/** The answer to the hash of a script that Redis does not have yet: ioredis then sends the script, so nothing has failed. */
const UNKNOWN_SCRIPT = 'NOSCRIPT'
/** With it ioredis tells its name and version after connecting, which Redis before 7.2 refuses. */
const SETUP = 'client'

/** Metrics of the connections to Redis of this process, and of all commands that it sends. @returns ends the measuring */
export function redisMetrics(registry: Registry): () => void {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'rondo_redis_command_duration_seconds',
    help: 'Time from sending a command to Redis until its answer or failure',
    buckets: BUCKETS,
    registers,
  })
  const failures = new Counter({
    name: 'rondo_redis_command_failures_total',
    help: 'Commands to Redis that failed after they were sent: refused, or without an answer',
    registers,
  })
  const lost = new Counter({
    name: 'rondo_redis_connection_failures_total',
    help: 'Attempts to connect to Redis that failed; commands fail meanwhile without being sent',
    registers,
  })
  const running = new WeakMap<object, () => number>()
  const subscribers = {
    start: (command: object) => void running.set(command, stopwatch()),
    asyncEnd(command: object) {
      const elapsed = running.get(command)
      if (elapsed !== undefined) seconds.observe(elapsed())
    },
    error({ command, error }: { readonly command?: string; readonly error?: unknown }) {
      if (command !== SETUP && !String(error).includes(UNKNOWN_SCRIPT)) failures.inc()
    },
  }
  const connecting = { error: () => lost.inc() }
  tracingChannel(COMMANDS).subscribe(subscribers as never)
  tracingChannel(CONNECTS).subscribe(connecting as never)
  return () => {
    tracingChannel(COMMANDS).unsubscribe(subscribers as never)
    tracingChannel(CONNECTS).unsubscribe(connecting as never)
  }
}
