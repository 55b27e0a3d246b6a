// A processor that a test may kill or stop: `node processor-process.ts SETTINGS [CALL before|after N SIGNAL]`, where CALL is a request of a
// transaction at whose Nth time the process sends itself the signal. Writes a line for everything that it does.
import { writeSync } from 'node:fs'
import { openKafkaLog } from '#event-log'
import { foldByCounting } from '../../libs/event-log/src/conformance/counting-fold.ts'
import { intercept, type TransactionCall } from './intercept.ts'

const [settings = '', call, when, count, signal] = process.argv.slice(2)
const tell = (what: string): void => void writeSync(1, `${what}\n`)

if (call !== undefined) {
  const at = Number(count)
  let calls = 0
  let answers = 0
  intercept(call as TransactionCall, async (send) => {
    calls += 1
    if (when === 'before' && calls === at) process.kill(process.pid, signal)
    const answer = await send()
    // A call that the broker refuses for now, since it is at the end of the transaction before, is made again.
    answers += 1
    if (when === 'after' && answers === at) process.kill(process.pid, signal)
    return answer
  })
}
for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error) => {
    tell(`uncaught ${error}`)
    process.exit(1)
  })
}

const log = await openKafkaLog(JSON.parse(settings))
const reader = log.reader(({ code, message }) => tell(`trouble ${code} ${message}`))
process.once('SIGTERM', () => void reader.close().then(() => process.exit(0)))
const folds = new Map<number, AbortController>()
await reader.own({
  assigned: (owned) => {
    const abort = new AbortController()
    folds.set(owned.partition, abort)
    void foldByCounting(owned, (what) => tell(`${what} of ${owned.partition}`), abort.signal)
  },
  revoked: (partition) => {
    tell(`revoked ${partition}`)
    folds.get(partition)?.abort()
  },
})
