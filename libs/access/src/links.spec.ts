import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { AdminRecord, Key } from '#contracts'
import { SimulatedClock } from '#runtime'
import { AdminActs } from './admin-acts.ts'
import { Keys } from './keys.ts'
import { Links } from './links.ts'
import { signedLinkOf, signedPath } from './signed-link.ts'

const STAGES = '/v1/cycles/shopper/stages'
const DAY = 86_400_000
const clock = new SimulatedClock(Date.UTC(2026, 0, 1))
const code = (name: string) => expect.objectContaining({ code: name })
let keys: Keys
let links: Links
let key: Key
beforeEach(async () => {
  const acts: AdminRecord[] = []
  const log = { append: async (act: AdminRecord) => void acts.push(act), read: async () => acts.splice(0), close: async () => {} }
  keys = new Keys({ acts: new AdminActs(log), clock })
  links = new Links({ keys, clock })
  key = await newKey('read')
})

const newKey = async (role: string): Promise<Key> => (await keys.create({ role, name: role }, 'command')).key
const sign = (target = STAGES, duration = '7d') => links.sign(target, key.id, duration).path
/** The key that opens an address; undefined if it has no link. */
const opened = (url: string): Key | undefined => {
  const link = signedLinkOf(url)
  return link && links.authenticate(link)
}
const isOpen = (url: string): boolean => {
  try {
    return opened(url) !== undefined
  } catch {
    return false
  }
}

it.each([
  STAGES,
  `${STAGES}?at=2026-01-01T00%3A00%3A00Z`,
  '/v1/actors/user/u%2F17%20%C3%A9',
  '/v1/actors?id=..&type=user',
  '/v1/cycles/a-b/stages/here/actors?limit=5',
])('a link to %s is opened by the key that signed it', (target) => {
  const path = sign(target)
  expect(path.startsWith(target)).toBe(true)
  expect(signedLinkOf(path)?.target).toBe(target)
  expect(opened(path)).toEqual(key)
})

it('any other character in it, and anything more or less, closes it', () => {
  const path = sign(`${STAGES}?at=2026-01-01T00%3A00%3A00Z`)
  fc.assert(
    fc.property(fc.nat(path.length - 1), fc.constantFrom(...'aZ09-_.&?=/%#'), fc.nat(2), (at, char, how) => {
      const changed = [
        `${path.slice(0, at)}${char}${path.slice(at + 1)}`,
        `${path.slice(0, at)}${char}${path.slice(at)}`,
        path.slice(0, at) + path.slice(at + 1),
      ][how]
      fc.pre(changed !== path)
      expect([changed, isOpen(changed ?? '')]).toEqual([changed, false])
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['another path', (path: string) => path.replace('/stages', '/flows')],
  ['the path of another cycle', (path: string) => path.replace('shopper', 'listener')],
  ['a path below it', (path: string) => path.replace('/stages?', '/stages/here/actors?')],
  ['a slash more', (path: string) => path.replace('/stages?', '/stages/?')],
  ['a parameter before', (path: string) => path.replace('?link=', '?at=2026-01-01T00:00:00Z&link=')],
  ['a parameter behind', (path: string) => `${path}&at=2026-01-01T00:00:00Z`],
  ['a later end', (path: string) => path.replace(/\.(\d{13})\./, (_, end: string) => `.${Number(end) + DAY}.`)],
  ['another signature', (path: string) => `${path.slice(0, -43)}${'A'.repeat(43)}`],
  ['a letter that is encoded', (path: string) => path.replace('stages', 'stage%73')],
])('with %s it is closed', (_, change) => expect(isOpen(change(sign()))).toBe(false))

it('a link of another key is not this link', async () => {
  const other = await newKey('read')
  expect(isOpen(sign().replace(key.id, other.id))).toBe(false)
  expect(isOpen(sign().replace(key.id, '0'.repeat(12)))).toBe(false)
})

it('ends at its end, and says when', () => {
  const { path, endsAt } = links.sign(STAGES, key.id, '1h')
  expect(endsAt).toBe(clock.now() + 3_600_000)
  clock.advanceTo(endsAt - 1)
  expect(opened(path)).toEqual(key)
  clock.advanceTo(endsAt)
  expect(() => opened(path)).toThrow(code('RONDO_LINK_INVALID'))
  expect(() => opened(path)).toThrow(/ended at 2026-/)
})

it('ends with the key that signed it', async () => {
  const path = sign()
  await keys.revoke(key.id, 'command')
  expect(() => opened(path)).toThrow(code('RONDO_LINK_INVALID'))
})

describe('a link is not made', () => {
  it.each([
    '/v1/keys',
    '/v1/cycles',
    '/v1/cycles/shopper/live',
    '/v1/cycles/shopper/export/active',
    '/v1/cycles/shopper/%6Cive',
    '/v1/transitions',
    '/',
    'https://x/v1/actors/a/b',
    `${STAGES}#a`,
    `${STAGES}?link=1`,
  ])('to %s', (target) => expect(() => sign(target)).toThrow(code('RONDO_ARGUMENT_INVALID')))

  it.each(['31d', '0s', '-1d', 'soon', ''])('for %j', (duration) => expect(() => sign(STAGES, duration)).toThrow(code('RONDO_ARGUMENT_INVALID')))

  it.each(['write', 'admin'])('by a key to %s, nor opened by it', async (role) => {
    const other = await newKey(role)
    expect(() => links.sign(STAGES, other.id, '1d')).toThrow(code('RONDO_NOT_FOUND'))
    expect(isOpen(signedPath(STAGES, other, clock.now() + DAY))).toBe(false)
  })

  it('to what cannot be shown, also if its signature is right', () => expect(isOpen(signedPath('/v1/keys', key, clock.now() + DAY))).toBe(false))
})
