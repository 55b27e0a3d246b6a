import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type AdminRecord, formatInstant, type Key, type KeyRole, keySchema } from '#contracts'
import { KeyRing } from './key-ring.ts'
import { hashKeyText, keyIdOf, newKeyText } from './key-text.ts'
import { requirePermission } from './permission.ts'

const start = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
/** The time so many hours after the start. */
const at = (hours: number): string => formatInstant(start + hours * HOUR_MS)

function createdKey(role: KeyRole, more: Partial<Key> = {}): { text: string; key: Key; record: AdminRecord } {
  const { id, text } = newKeyText(role)
  const key = keySchema.parse({ id, role, name: `a ${role} key`, hash: hashKeyText(text), ...more })
  return { text, key, record: { kind: 'key-created', at: at(0), by: 'command', key } }
}

const ended = (id: string, hours: number): AdminRecord => ({ kind: 'key-ended', at: at(0), by: 'command', id, endsAt: at(hours) })
const refused = (code: string, message: RegExp | string = '') => expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('a key', () => {
  it('is found by its text, which the ring does not store', () => {
    const [one, two] = [createdKey('write'), createdKey('write')]
    const ring = new KeyRing()
    for (const { record } of [one, two]) ring.apply(record)
    expect(ring.authenticate(two.text, start)).toEqual(two.key)
    expect(JSON.stringify(ring.list())).not.toContain(one.text.slice(-48))
  })

  it('is not found by any other text', () => {
    const { text, record } = createdKey('read')
    const ring = new KeyRing()
    ring.apply(record)
    const place = fc.nat(text.length - 1)
    fc.assert(
      fc.property(place, fc.constantFrom(...'0123456789abcdefghij_'), (where, char) => {
        fc.pre(text[where] !== char)
        const other = text.slice(0, where) + char + text.slice(where + 1)
        expect(() => ring.authenticate(other, start)).toThrow(refused('RONDO_KEY_INVALID', 'not known'))
      }),
    )
    for (const other of ['', text.slice(0, -1), `${text}0`, text.toUpperCase(), '__proto__', 'wk-segment']) {
      expect(() => ring.authenticate(other, start)).toThrow(refused('RONDO_KEY_INVALID', 'not known'))
    }
  })

  it('is valid until its end, which can only be moved to an earlier time', () => {
    const { text, key, record } = createdKey('write', { expiresAt: at(10) })
    const ring = new KeyRing()
    ring.apply(record)
    expect(ring.authenticate(text, start + 10 * HOUR_MS - 1)).toBe(key)
    expect(() => ring.authenticate(text, start + 10 * HOUR_MS)).toThrow(refused('RONDO_KEY_INVALID', `ended at ${at(10)}`))
    ring.apply(ended(key.id, 5))
    ring.apply(ended(key.id, 8))
    ring.apply(record)
    expect(() => ring.authenticate(text, start + 5 * HOUR_MS)).toThrow(refused('RONDO_KEY_INVALID', `ended at ${at(5)}`))
  })

  it('shows its role and its id in its text', () => {
    const { text, key } = createdKey('admin')
    expect(text).toMatch(/^rondo_admin_/)
    expect(keyIdOf(text)).toBe(key.id)
  })
})

it('an admin key that has ended does not count as an admin key', () => {
  const { key, record } = createdKey('admin')
  const ring = new KeyRing()
  expect(ring.hasAdmin(start)).toBe(false)
  ring.apply(createdKey('write').record)
  ring.apply(record)
  ring.apply(ended(key.id, 1))
  expect([ring.hasAdmin(start), ring.hasAdmin(start + HOUR_MS)]).toEqual([true, false])
})

describe('permission', () => {
  const pass = (role: KeyRole, need: Parameters<typeof requirePermission>[1], more: Partial<Key> = {}, environment = 'production') =>
    requirePermission(createdKey(role, more).key, need, environment)

  it('depends on the role; an admin key may do everything', () => {
    for (const role of ['write', 'read', 'admin'] as const) {
      expect(() => pass('admin', { role })).not.toThrow()
      expect(() => pass(role, { role })).not.toThrow()
    }
    expect(() => pass('write', { role: 'read' })).toThrow(refused('RONDO_KEY_SCOPE', 'is a write key, and this needs a read key'))
    expect(() => pass('read', { role: 'write' })).toThrow(refused('RONDO_KEY_SCOPE'))
    expect(() => pass('read', { role: 'admin' })).toThrow(refused('RONDO_KEY_SCOPE', 'needs an admin key'))
  })

  it('is limited to the environment and the cycles of the key', () => {
    expect(() => pass('write', { role: 'write' }, { environment: 'test' }, 'test')).not.toThrow()
    expect(() => pass('admin', { role: 'write' }, { environment: 'test' })).toThrow(refused('RONDO_KEY_SCOPE', 'is for the environment test'))
    expect(() => pass('read', { role: 'read', cycles: ['listener'] }, { cycles: ['listener'] })).not.toThrow()
    expect(() => pass('read', { role: 'read' }, { cycles: ['listener'] })).not.toThrow()
    expect(() => pass('read', { role: 'read', cycles: ['musician'] }, { cycles: ['listener'] })).toThrow(
      refused('RONDO_KEY_SCOPE', 'does not show the cycle musician'),
    )
  })
})
