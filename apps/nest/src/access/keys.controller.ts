import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { AdminActs, type CreatedKey, describeKey, Keys, overlapMsOf } from '#access'
import { type AdminRecord, type Key } from '#contracts'
import { type Clock, systemClock } from '#runtime'
import { jsonBody } from '../http/json-body.ts'
import { authorOf } from './author-of.ts'
import { RequestKey, Requires } from './requires.ts'

/** A key ends at once, unless the request says how long it stays valid. */
const NO_OVERLAP = '0s'
const ACTS_MAX = 1000

/** Keys as administrators see them. The text of a key is only in the answer to its creation. */
@Controller('v1/keys')
@Requires('admin')
export class KeysController {
  readonly #clock: Clock = systemClock

  constructor(@Inject(Keys) private readonly keys: Keys) {}

  @Get()
  list() {
    const now = this.#clock.now()
    return { items: this.keys.list().map((held) => describeKey(held, now)) }
  }

  @Post()
  @HttpCode(200)
  async create(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.#shown(await this.keys.create(jsonBody(body), authorOf(by)))
  }

  /** `?overlap=1d`: how long the old key stays valid. */
  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@Param('id') id: string, @Query('overlap') overlap: string | undefined, @RequestKey() by: Key | undefined) {
    return this.#shown(await this.keys.rotate(id, authorOf(by), overlapMsOf(overlap ?? NO_OVERLAP)))
  }

  /** `?after=1h`: when it ends; at once without it. */
  @Delete(':id')
  async revoke(@Param('id') id: string, @Query('after') after: string | undefined, @RequestKey() by: Key | undefined) {
    return describeKey(await this.keys.revoke(id, authorOf(by), overlapMsOf(after ?? NO_OVERLAP)), this.#clock.now())
  }

  #shown({ key, text }: CreatedKey) {
    const held = this.keys.list().find((one) => one.key.id === key.id)
    return { text, key: held === undefined ? { id: key.id } : describeKey(held, this.#clock.now()) }
  }
}

/** The administrative acts, the newest first. */
@Controller('v1/audit')
@Requires('admin')
export class AuditController {
  constructor(@Inject(AdminActs) private readonly adminActs: AdminActs) {}

  @Get()
  acts() {
    return { items: this.adminActs.all.slice(-ACTS_MAX).toReversed().map(shownAct) }
  }
}

/** An act without the hash of its key, or without its schema, which the plan shows. */
function shownAct(act: AdminRecord): unknown {
  if (act.kind === 'key-created') {
    const { hash: _hash, ...key } = act.key
    return { ...act, key }
  }
  if (act.kind !== 'event-planned') return act
  const { schema: _schema, ...planned } = act.planned
  return { ...act, planned }
}
