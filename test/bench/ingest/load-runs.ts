import { setTimeout as sleep } from 'node:timers/promises'
import { quantileOf } from '../figure.ts'
import { processorMs } from '../kafka/child.ts'
import { Connection } from './connection.ts'
import { type RequestOptions, Requests } from './requests.ts'
import type { Subject } from './subjects.ts'

/** The rate of one run. */
export interface Rate {
  readonly eventsPerSecond: number
  /** Processor time of the server for an event, with the fold where it folds, in microseconds. */
  readonly processorUs: number
}

/** Sends as many requests as the server answers, on some connections, for some seconds. */
export async function fullLoad(
  subject: Subject,
  { batch, connections, seconds }: { batch: number | undefined; connections: number; seconds: number },
): Promise<Rate> {
  const requests = requestsFor(subject, batch)
  const open = await connect(subject, connections)
  let events = 0
  const before = processorMs(subject.pid)
  const begun = performance.now()
  const end = begun + seconds * 1000
  await Promise.all(
    open.map(async (connection) => {
      while (performance.now() < end) {
        check(subject, await connection.send(requests.next()))
        events += requests.events
      }
    }),
  )
  const passed = (performance.now() - begun) / 1000
  const spent = processorMs(subject.pid) - before
  for (const connection of open) connection.close()
  return { eventsPerSecond: events / passed, processorUs: (spent * 1000) / events }
}

/** Sends requests at a fixed rate, however slowly they are answered. @returns the quantiles of the times from when each was due to its answer */
export async function steadyLoad(subject: Subject, { batch, eventsPerSecond, seconds }: { batch: number; eventsPerSecond: number; seconds: number }) {
  const requests = requestsFor(subject, batch)
  const everyMs = (batch / eventsPerSecond) * 1000
  const count = Math.floor((seconds * 1000) / everyMs)
  const idle = await connect(subject, 64)
  const all = new Set(idle)
  const delays: number[] = []
  const running: Promise<void>[] = []
  const begun = performance.now()
  for (let n = 0; n < count; n++) {
    const due = begun + n * everyMs
    if (performance.now() < due) await sleep(due - performance.now())
    running.push(
      (async () => {
        const connection = idle.pop() ?? (await Connection.open(subject.url))
        all.add(connection)
        // The bytes are copied: on a slow server more requests are under way than there are kinds of them.
        check(subject, await connection.send(Buffer.from(requests.next())))
        delays.push(performance.now() - due)
        idle.push(connection)
      })(),
    )
  }
  await Promise.all(running)
  for (const connection of all) connection.close()
  return { p50: quantileOf(delays, 0.5), p99: quantileOf(delays, 0.99) }
}

const requestsFor = ({ url, key }: Subject, batch: RequestOptions['batch']): Requests => new Requests({ url, batch, key })
const connect = ({ url }: Subject, count: number): Promise<Connection[]> => Promise.all(Array.from({ length: count }, () => Connection.open(url)))

function check({ name }: Subject, status: number): void {
  if (status !== 200) throw new TypeError(`${name} answered ${status}`)
}
