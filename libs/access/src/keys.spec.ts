import { beforeEach, describe, expect, it } from '@jest/globals'
import type { AdminRecord } from '#contracts'
import { SimulatedClock } from '#runtime'
import { AdminActs } from './admin-acts.ts'
import type { AdminLog } from './admin-log.ts'
import { describeKey, Keys } from './keys.ts'

const HOUR_MS = 3_600_000
let acts: AdminRecord[]
let clock: SimulatedClock
beforeEach(() => {
  acts = []
  clock = new SimulatedClock(Date.UTC(2026, 0, 1))
})

/** A log in memory. Each reader continues after the acts that it has read. */
function memoryLog(): AdminLog {
  let next = 0
  return {
    async append(record) {
      await Promise.resolve()
      acts.push(record)
    },
    async read() {
      const from = next
      next = acts.length
      return acts.slice(from)
    },
    async close() {},
  }
}

const keys = () => new Keys({ acts: new AdminActs(memoryLog()), clock })
const refused = (code: string, message: RegExp | string) => expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('keys', () => {
  it('are known to every process that reads the log', async () => {
    const [one, two] = [keys(), keys()]
    const { key, text } = await one.create({ role: 'write', name: 'shop', source: 'shop', origins: ['https://shop.example'] }, 'command')
    await two.refresh()
    expect(two.authenticate(text)).toEqual(key)
    expect([two.isOriginKnown('https://shop.example'), two.isOriginKnown('https://other.example')]).toEqual([true, false])
    expect(JSON.stringify(acts)).not.toContain(text)
  })

  it('stay valid for the overlap after they were replaced', async () => {
    const all = keys()
    const { key, text } = await all.create({ role: 'read', name: 'board', cycles: ['listener'] }, 'command')
    const next = await all.rotate(key.id, 'command', 24 * HOUR_MS)
    expect(next.key).toMatchObject({ role: 'read', name: 'board', cycles: ['listener'] })
    clock.advanceBy(23 * HOUR_MS)
    expect([all.authenticate(text).id, all.authenticate(next.text).id]).toEqual([key.id, next.key.id])
    clock.advanceBy(HOUR_MS)
    expect(() => all.authenticate(text)).toThrow(refused('RONDO_KEY_INVALID', 'ended'))
  })

  it('are not valid after they were revoked, also in another process that has read the log', async () => {
    const [one, two] = [keys(), keys()]
    const { key, text } = await one.create({ role: 'write', name: 'shop' }, 'command')
    await one.revoke(key.id, 'command')
    await two.refresh()
    for (const all of [one, two]) expect(() => all.authenticate(text)).toThrow(refused('RONDO_KEY_INVALID', 'ended'))
    expect(acts.at(-1)).toMatchObject({ kind: 'key-ended', by: 'command', id: key.id })
  })

  it('can be revoked, except the last admin key', async () => {
    const all = keys()
    const first = await all.createFirst()
    const id = first?.key.id ?? ''
    await expect(all.revoke(id, 'command')).rejects.toThrow(refused('RONDO_ARGUMENT_INVALID', 'last admin key'))
    await all.create({ role: 'admin', name: 'second' }, id)
    await all.revoke(id, id)
    await expect(all.revoke('0'.repeat(12), id)).rejects.toThrow(refused('RONDO_NOT_FOUND', 'There is no key'))
  })

  it('are not revoked if no other admin key is valid for as long', async () => {
    const all = keys()
    const first = await all.create({ role: 'admin', name: 'first' }, 'command')
    const next = await all.rotate(first.key.id, 'command', 2000)
    await expect(all.revoke(next.key.id, 'command')).rejects.toThrow(
      refused('RONDO_ARGUMENT_INVALID', 'is the last admin key, because the others end before it'),
    )
    await all.create({ role: 'admin', name: 'for a day', expiresAt: '2026-01-02T00:00:00.000Z' }, 'command')
    await expect(all.revoke(next.key.id, 'command', HOUR_MS)).rejects.toThrow(refused('RONDO_ARGUMENT_INVALID', 'last admin key'))
    clock.advanceBy(48 * HOUR_MS)
    expect(all.authenticate(next.text).id).toBe(next.key.id)
    const other = await all.create({ role: 'admin', name: 'other' }, 'command')
    await all.revoke(next.key.id, 'command')
    expect(all.authenticate(other.text).id).toBe(other.key.id)
  })

  it('that expire are revoked if another admin key expires no earlier, and replaced by keys that expire at the same time', async () => {
    const all = keys()
    const made = (day: number) => all.create({ role: 'admin', name: `day ${day}`, expiresAt: `2026-01-0${day}T00:00:00.000Z` }, 'command')
    const [second, third] = [await made(2), await made(3)]
    const next = await all.rotate(third.key.id, 'command', 0)
    expect(next.key.expiresAt).toBe('2026-01-03T00:00:00.000Z')
    await expect(all.revoke(next.key.id, 'command')).rejects.toThrow(refused('RONDO_ARGUMENT_INVALID', 'last admin key'))
    expect((await all.revoke(second.key.id, 'command')).endsAt).toBe(clock.now())
    clock.advanceBy(48 * HOUR_MS)
    expect(() => all.authenticate(next.text)).toThrow(refused('RONDO_KEY_INVALID', 'ended'))
  })

  it('that have ended, or whose end is decided, are not replaced', async () => {
    const all = keys()
    const made = async (more: object = {}) => (await all.create({ role: 'write', name: 'shop', ...more }, 'command')).key.id
    const [revoked, ending, rotated, expired] = [await made(), await made(), await made(), await made({ expiresAt: '2026-01-01T00:00:01.000Z' })]
    await all.revoke(revoked, 'command')
    await all.revoke(ending, 'command', HOUR_MS)
    await all.rotate(rotated, 'command', HOUR_MS)
    clock.advanceBy(1000)
    const count = acts.length
    for (const id of [revoked, ending, rotated]) {
      await expect(all.rotate(id, 'command', HOUR_MS)).rejects.toThrow(refused('RONDO_KEY_ENDED', `The key ${id} was revoked or replaced`))
    }
    await expect(all.rotate(expired, 'command', HOUR_MS)).rejects.toThrow(refused('RONDO_KEY_ENDED', `The key ${expired} expired at`))
    expect(acts).toHaveLength(count)
  })

  it('are described without their hash', async () => {
    const all = keys()
    await all.create({ role: 'write', name: 'shop', expiresAt: '2026-01-02T00:00:00.000Z' }, 'command')
    const [held] = all.list()
    if (held === undefined) throw new Error('the key is missing')
    expect(describeKey(held, clock.now())).toEqual({
      id: held.key.id,
      role: 'write',
      name: 'shop',
      createdAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2026-01-02T00:00:00.000Z',
      valid: true,
    })
  })

  it.each([
    [{ role: 'owner', name: 'x' }, 'role'],
    [{ role: 'write', name: '' }, 'name'],
    [{ role: 'write', name: 'x', id: 'abcdefabcdef' }, 'id'],
    [{ role: 'write', name: 'x', cycles: ['listener'] }, 'cycles: only a read key'],
    [{ role: 'read', name: 'x', source: 'shop' }, 'source: only a write key'],
    [{ role: 'admin', name: 'x', origins: ['https://a.example'] }, 'origins: only a write key'],
    [{ role: 'write', name: 'x', origins: ['https://a.example/'] }, 'origins.0: expected an origin'],
    [{ role: 'write', name: 'x', origins: ['*'] }, 'origins.0'],
    [17, 'the key: '],
  ])('are not created from the invalid request %j', async (request, defect) => {
    await expect(keys().create(request, 'command')).rejects.toThrow(refused('RONDO_ARGUMENT_INVALID', defect))
    expect(acts).toEqual([])
  })
})

describe('the first admin key', () => {
  it('is created once', async () => {
    const first = await keys().createFirst()
    expect(first?.text).toMatch(/^rondo_admin_/)
    expect(await keys().createFirst()).toBeUndefined()
  })

  it('is created again if all admin keys have ended', async () => {
    const all = keys()
    await all.create({ role: 'admin', name: 'for a day', expiresAt: '2026-01-02T00:00:00.000Z' }, 'command')
    expect(await all.createFirst()).toBeUndefined()
    clock.advanceBy(24 * HOUR_MS)
    expect((await all.createFirst())?.key.role).toBe('admin')
  })

  it('is created once also if many processes start at the same time', async () => {
    const processes = [1, 2, 3, 4].map(keys)
    const made = await Promise.all(processes.map((all) => all.createFirst()))
    const kept = made.filter((created) => created !== undefined)
    expect(kept).toHaveLength(1)
    const late = keys()
    await late.refresh()
    expect(late.list().filter(({ endsAt }) => endsAt === undefined)).toHaveLength(1)
  })
})
