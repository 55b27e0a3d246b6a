import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { ownBrokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { expelMembers } from '../../../../test/fixtures/broker/expel-members.ts'
import type { TransactionCall } from '../../../../test/fixtures/broker/intercept.ts'
import { eventually, eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { foldByCounting } from '../conformance/counting-fold.ts'
import type { OwnedPartition } from '../event-log.ts'
import type { KafkaLogReader } from './assignment/kafka-log-reader.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { openKafkaLog } from './kafka-log.ts'

const broker = ownBrokerForTests()
const times = { sessionMs: 2000, heartbeatMs: 300, rebalanceMs: 2500, transactionMs: 10_000, requestMs: 5000 }
const script = join(import.meta.dirname, '../../../../test/fixtures/broker/processor-process.ts')

/** The signal that a processor sends itself before or after its nth request of one kind. */
interface ProcessFault {
  readonly call: TransactionCall
  readonly when: 'before' | 'after'
  readonly nth: number
  readonly signal: NodeJS.Signals
}

/** A processor in a process of its own, with its output. */
class Processor {
  readonly child: ChildProcess
  output = ''

  constructor(settings: KafkaSettings, fault?: ProcessFault) {
    const faultArgs = fault === undefined ? [] : [fault.call, fault.when, String(fault.nth), fault.signal]
    const args = ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', script, JSON.stringify(settings), ...faultArgs]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.child.stdout?.on('data', (chunk) => {
      this.output += chunk
    })
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  async prints(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.output) || this.child.exitCode !== null)
    expect(this.output).toMatch(pattern)
    expect(this.output).not.toMatch(/uncaught/)
  }

  /** Waits for its end. @returns the signal that ended it, or its exit code */
  async end(): Promise<NodeJS.Signals | number | null> {
    await eventually(
      () => ({ hasEnded: this.#hasEnded, output: this.output }),
      ({ hasEnded }) => hasEnded,
    )
    return this.child.signalCode ?? this.child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }
}

const until = (holds: () => boolean): Promise<void> => eventuallyPasses(() => expect([`${holds}`, holds()]).toEqual([`${holds}`, true]))

async function append(settings: KafkaSettings, { partition = 0, count }: { partition?: number; count: number }): Promise<void> {
  const writer = (await openKafkaLog(settings)).writer()
  await writer.append(
    partition,
    Array.from({ length: count }, (_, i) => `frame ${i}`),
  )
  await writer.close()
}

/** The numbers of the published outputs of a partition. */
async function published(settings: KafkaSettings, partition = 0): Promise<number[]> {
  const feed = (await openKafkaLog(settings)).feed(partition)
  try {
    await feed.caughtUp()
    return (await feed.read(0, 10_000)).map(({ output }) => JSON.parse(output).seq)
  } finally {
    await feed.close()
  }
}

/** The numbers from 1 to `count`. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('a processor that is killed', () => {
  const points = (['addPartitionsToTxn', 'produce', 'txnOffsetCommit', 'endTxn'] satisfies TransactionCall[]).flatMap((call) => [
    [call, 'before'] as const,
    [call, 'after'] as const,
  ])

  it('in any step of a transaction leaves each output once, and the state that belongs to its position', async () => {
    const settings = trialSettings(broker(), { times })
    await append(settings, { count: 40 })
    for (const [call, when] of points) {
      await using processor = new Processor(settings, { call, when, nth: 3, signal: 'SIGKILL' })
      expect([call, when, await processor.end()]).toEqual([call, when, 'SIGKILL'])
      // The killed process is removed from the group, so that the next one does not wait for the end of its session.
      await expelMembers(broker(), settings.group)
    }
    await using last = new Processor(settings)
    // The last of the 40 records has the offset 39.
    await last.prints(/committed 39 of 0/)
    expect(await published(settings)).toEqual(upTo(40))
  })
})

describe('a processor that was paused in a transaction', () => {
  it('is replaced when its session ends, publishes nothing when it continues, and joins the group again', async () => {
    const settings = trialSettings(broker(), { times })
    await append(settings, { count: 20 })
    // It stops before the commit of its fourth transaction, so that it has committed the offsets 0 to 2.
    await using zombie = new Processor(settings, { call: 'endTxn', when: 'before', nth: 4, signal: 'SIGSTOP' })
    await zombie.prints(/committed 2 of 0/)
    await using other = new Processor(settings)
    await other.prints(/takes 2 of 0\n(.*\n)*committed 19 of 0/)
    zombie.child.kill('SIGCONT')
    await zombie.prints(/lost of 0|revoked 0/)
    expect(zombie.output).not.toMatch(/committed 3 of 0/)
    await append(settings, { count: 20 })
    await until(() => /committed 39/.test(zombie.output + other.output))
    expect(await published(settings)).toEqual(upTo(40))
    const stopped = once(other.child, 'exit')
    other.child.kill('SIGTERM')
    expect((await stopped)[0]).toBe(0)
    await append(settings, { count: 5 })
    await zombie.prints(/committed 44 of 0/)
    expect(await published(settings)).toEqual(upTo(45))
  })
})

/** A reader in this process that folds by counting, with its events. */
class Member {
  readonly events: string[] = []
  readonly owned = new Map<number, OwnedPartition>()
  readonly reader: KafkaLogReader
  readonly #folds: Promise<void>[] = []
  readonly #aborts = new Map<number, AbortController>()

  constructor(reader: KafkaLogReader) {
    this.reader = reader
  }

  static async join(settings: KafkaSettings): Promise<Member> {
    const log = await openKafkaLog(settings)
    const member = new Member(log.reader({ onError: ({ message }) => member.events.push(`error ${message}`) }))
    await member.reader.own({
      assigned: (owned) => {
        member.events.push(`+${owned.partition}`)
        member.owned.set(owned.partition, owned)
        const abort = new AbortController()
        member.#aborts.set(owned.partition, abort)
        member.#folds.push(foldByCounting(owned, (what) => member.events.push(`${what} of ${owned.partition}`), abort.signal))
      },
      revoked: (partition) => {
        member.events.push(`-${partition}`)
        member.owned.delete(partition)
        member.#aborts.get(partition)?.abort()
      },
    })
    return member
  }

  get handovers(): string[] {
    return this.events.filter((event) => /^[+-]/.test(event))
  }

  async leave(): Promise<void> {
    await this.reader.close()
    await Promise.all(this.#folds)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }
}

describe('a group', () => {
  it('leaves a partition that stays with its owner alone, and moves the others', async () => {
    const settings = trialSettings(broker(), { partitions: 2, times })
    await Promise.all([append(settings, { count: 5 }), append(settings, { partition: 1, count: 5 })])
    await using first = await Member.join(settings)
    await until(() => first.owned.size === 2)
    const before = new Map(first.owned)
    const second = await Member.join(settings)
    await until(() => second.owned.size === 1 && first.owned.size === 1)
    const [kept = -1] = first.owned.keys()
    const moved = 1 - kept
    expect(first.owned.get(kept)).toBe(before.get(kept))
    expect(first.handovers.sort()).toEqual(['+0', '+1', `-${moved}`].sort())
    await Promise.all([append(settings, { count: 5 }), append(settings, { partition: 1, count: 5 })])
    await until(() => second.events.includes(`committed 9 of ${moved}`) && first.events.includes(`committed 9 of ${kept}`))
    await second.leave()
    await until(() => first.owned.size === 2)
    expect(first.owned.get(kept)).toBe(before.get(kept))
    await Promise.all([append(settings, { count: 2 }), append(settings, { partition: 1, count: 2 })])
    await until(() => first.events.includes('committed 11 of 0') && first.events.includes('committed 11 of 1'))
    expect([await published(settings, 0), await published(settings, 1)]).toEqual([upTo(12), upTo(12)])
  })

  it('whose members join and leave all the time publishes everything once', async () => {
    const settings = trialSettings(broker(), { partitions: 3, times })
    const members = [await Member.join(settings)]
    for (let round = 1; round <= 8; round++) {
      for (let partition = 0; partition < 3; partition++) await append(settings, { partition, count: 10 })
      if (round % 3 === 0) await members.shift()?.leave()
      else members.push(await Member.join(settings))
    }
    // 8 rounds of 10 records: the last offset is 79.
    const done = (partition: number) => members.some(({ events }) => events.includes(`committed 79 of ${partition}`))
    await until(() => done(0) && done(1) && done(2))
    for (const member of members) await member.leave()
    for (let partition = 0; partition < 3; partition++) expect(await published(settings, partition)).toEqual(upTo(80))
  })

  it('continues without a restart after the broker was killed and started again', async () => {
    const settings = trialSettings(broker(), { times })
    await append(settings, { count: 20 })
    await using member = await Member.join(settings)
    await until(() => member.events.includes('committed 10 of 0'))
    await broker().kill()
    await broker().start()
    await append(settings, { count: 10 })
    await until(() => member.events.includes('committed 29 of 0'))
    expect(await published(settings)).toEqual(upTo(30))
  })
})
