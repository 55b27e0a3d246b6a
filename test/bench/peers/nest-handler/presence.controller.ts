import { Controller, Inject } from '@nestjs/common'
import { type ClientKafka, EventPattern, Payload } from '@nestjs/microservices'
import type { Redis } from 'ioredis'
import { lastValueFrom } from 'rxjs'

const INPUT = 'handler.activity'
const OUTPUT = 'handler.transitions'
export const KAFKA = Symbol('kafka')
export const REDIS = Symbol('redis')

const ABSENCE_MS = 30 * 86_400_000
const DEADLINES = 'deadlines'

/** An event of the backlog. */
interface Visit {
  readonly id: string
  readonly actor: { readonly type: string; readonly id: string }
  readonly time: string
}
/** A tick of the backlog. */
interface Tick {
  readonly record: 'tick'
  readonly time: string
}
/** What the handler keeps of an actor in Redis. */
interface Remembered {
  readonly stage: string
  readonly seq: number
  readonly since: number
  readonly last: number
}

/** A stage that an actor enters. */
interface Entry {
  readonly stage: string
  readonly at: number
  readonly event: string | null
}

/** The presence cycle, one message at a time. The state of an actor is JSON under its key, and the deadlines are in a sorted set. */
@Controller()
export class PresenceController {
  readonly #kafka: ClientKafka
  readonly #redis: Redis
  #now = 0

  constructor(@Inject(KAFKA) kafka: ClientKafka, @Inject(REDIS) redis: Redis) {
    this.#kafka = kafka
    this.#redis = redis
  }

  @EventPattern(INPUT)
  async handle(@Payload() message: Visit | Tick): Promise<void> {
    const time = Date.parse(message.time)
    if ('record' in message) await this.#advance(time)
    else await this.#see(message, time)
  }

  async #see(visit: Visit, time: number): Promise<void> {
    const { id: actor } = visit.actor
    let state = await this.#recall(actor)
    if (state === undefined)
      state = await this.#enter(actor, { stage: 'start', seq: 0, since: time, last: time }, { stage: 'connection', at: time, event: visit.id })
    if (state.stage !== 'disengagement' && time > state.last + ABSENCE_MS) state = await this.#leave(actor, state)
    if (state.stage === 'disengagement') state = await this.#enter(actor, state, { stage: 're-engagement', at: time, event: visit.id })
    await this.#redis.set(`actor:${actor}`, JSON.stringify({ ...state, last: time }))
    await this.#redis.zadd(DEADLINES, time + ABSENCE_MS, actor)
  }

  async #advance(time: number): Promise<void> {
    this.#now = time
    for (const actor of await this.#redis.zrangebyscore(DEADLINES, '-inf', `(${time}`)) {
      const state = await this.#recall(actor)
      if (state === undefined) continue
      await this.#redis.set(`actor:${actor}`, JSON.stringify(await this.#leave(actor, state)))
      await this.#redis.zrem(DEADLINES, actor)
    }
  }

  async #recall(actor: string): Promise<Remembered | undefined> {
    const stored = await this.#redis.get(`actor:${actor}`)
    return stored === null ? undefined : JSON.parse(stored)
  }

  #leave(actor: string, state: Remembered): Promise<Remembered> {
    return this.#enter(actor, state, { stage: 'disengagement', at: state.last + ABSENCE_MS, event: null })
  }

  async #enter(actor: string, before: Remembered, { stage, at, event }: Entry): Promise<Remembered> {
    const seq = before.seq + 1
    const value = {
      id: `${actor}:${seq}`,
      seq,
      cycle: 'presence',
      actor: { type: 'user', id: actor },
      from: before.stage,
      to: stage,
      at: new Date(at).toISOString(),
      noticedAt: new Date(this.#now).toISOString(),
      dwellMs: at - before.since,
      evidence: { event },
    }
    await lastValueFrom(this.#kafka.emit(OUTPUT, { key: actor, value: JSON.stringify(value) }))
    return { ...before, stage, seq, since: at }
  }
}
