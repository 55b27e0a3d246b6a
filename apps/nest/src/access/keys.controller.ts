import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { z } from 'zod'
import { AdminActs, type CreatedKey, describeKey, Keys, overlapMsOf } from '#access'
import { type AdminRecord, type Key } from '#contracts'
import { type Clock, systemClock } from '#runtime'
import { jsonBody } from '../http/json-body.ts'
import { refuseBody, UnreadBody } from '../http/no-body.ts'
import { readQuery } from '../http/query.ts'
import { Describes, WRITE_REFUSALS } from '../openapi/describes.ts'
import { authorOf } from './author-of.ts'
import { auditAnswer, auditQuery, createdAnswer, keyBody, keysAnswer, revokeQuery, rotateQuery, shownKey } from './key-answers.ts'
import { RequestKey, Requires } from './requires.ts'

const refusals = ['RONDO_NOT_FOUND', ...WRITE_REFUSALS] as const

/** A key ends at once, unless the request says how long it stays valid. */
const NO_OVERLAP = '0s'

/** Keys as administrators see them. The text of a key is only in the answer to its creation. */
@Controller('v1/keys')
@Requires('admin')
export class KeysController {
  readonly #clock: Clock = systemClock

  constructor(@Inject(Keys) private readonly keys: Keys) {}

  @Get()
  @Describes({ summary: 'All keys, without their secret part', answer: keysAnswer })
  list(): z.infer<typeof keysAnswer> {
    const now = this.#clock.now()
    return { items: this.keys.list().map((held) => describeKey(held, now)) }
  }

  @Post()
  @HttpCode(200)
  @Describes({ summary: 'Makes a key; its text is only in this answer', body: keyBody, answer: createdAnswer, refusals })
  async create(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.#shown(await this.keys.create(jsonBody(body), authorOf(by)))
  }

  /** `?overlap=1d`: how long the old key stays valid. */
  @Post(':id/rotate')
  @HttpCode(200)
  @Describes({ summary: 'Replaces a key by a new one', query: rotateQuery, answer: createdAnswer, refusals: ['RONDO_KEY_ENDED', ...refusals] })
  async rotate(@Param('id') id: string, @Query() query: unknown, @UnreadBody() body: unknown, @RequestKey() by: Key | undefined) {
    refuseBody(body, 'How long the old key stays valid stands in the query, such as ?overlap=1h.')
    return this.#shown(await this.keys.rotate(id, authorOf(by), overlapMsOf(readQuery(rotateQuery, query).overlap ?? NO_OVERLAP)))
  }

  /** `?after=1h`: when it ends; at once without it. */
  @Delete(':id')
  @Describes({ summary: 'Ends a key', query: revokeQuery, answer: shownKey, refusals })
  async revoke(@Param('id') id: string, @Query() query: unknown, @UnreadBody() body: unknown, @RequestKey() by: Key | undefined) {
    refuseBody(body, 'When the key ends stands in the query, such as ?after=1h.')
    return describeKey(await this.keys.revoke(id, authorOf(by), overlapMsOf(readQuery(revokeQuery, query).after ?? NO_OVERLAP)), this.#clock.now())
  }

  #shown({ key: { id }, text }: CreatedKey): z.infer<typeof createdAnswer> {
    return { text, key: describeKey(this.keys.get(id), this.#clock.now()) }
  }
}

/** The administrative acts, the newest first. */
@Controller('v1/audit')
@Requires('admin')
export class AuditController {
  constructor(@Inject(AdminActs) private readonly adminActs: AdminActs) {}

  /** `?before=`: the acts before this one, as `next` of the page before it says. */
  @Get()
  @Describes({ summary: 'The administrative acts, the newest first', query: auditQuery, answer: auditAnswer })
  acts(@Query() query: unknown): z.infer<typeof auditAnswer> {
    const { before = Number.POSITIVE_INFINITY, limit } = readQuery(auditQuery, query)
    const { all } = this.adminActs
    const end = Math.min(before, all.length)
    const first = Math.max(0, end - limit)
    return { items: all.slice(first, end).toReversed().map(shownActOf), next: first === 0 ? null : first }
  }
}

/** An act without the hash of its key, without its schema, which the plan shows, and without the events of its receipt, which quarantine shows. */
function shownActOf(act: AdminRecord): z.infer<typeof auditAnswer>['items'][number] {
  if (act.kind === 'key-created') {
    const { hash: _hash, ...key } = act.key
    return { ...act, key }
  }
  if ('items' in act) {
    const { items: _items, ...rest } = act
    return rest
  }
  if (act.kind !== 'event-planned') return act
  const { schema: _schema, ...planned } = act.planned
  return { ...act, planned }
}
