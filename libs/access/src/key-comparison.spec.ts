import * as crypto from 'node:crypto'
import { expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant } from '#contracts'

/** The bytes of each comparison in constant time. */
const compared: number[][] = []
jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  timingSafeEqual(a: Buffer, b: Buffer): boolean {
    compared.push([a.length, b.length])
    return crypto.timingSafeEqual(a, b)
  },
}))
const { KeyRing } = await import('./key-ring.ts')
const { hashKeyText, newKeyText } = await import('./key-text.ts')

const NOW = Date.parse('2026-01-01T00:00:00Z')
const { id, text } = newKeyText('write')
const ring = new KeyRing()
ring.apply({ kind: 'key-created', at: formatInstant(NOW), by: 'start', key: { id, role: 'write', name: 'shop', hash: hashKeyText(text) } })

const other = newKeyText('write').text
/** The key with another end: so many characters at its beginning are right. */
const sharedBeginning = fc.nat(text.length).map((length) => text.slice(0, length) + other.slice(length))

it('a text is compared once, as 64 bytes of its hash, however much of it is right: so the time says nothing of the key', () => {
  fc.assert(
    fc.property(fc.oneof(sharedBeginning, fc.string({ unit: 'binary' }), fc.constant(text)), (presented) => {
      compared.length = 0
      const isAccepted = accepts(presented)
      expect([isAccepted, compared]).toEqual([presented === text, [[64, 64]]])
    }),
  )
})

function accepts(presented: string): boolean {
  try {
    return ring.authenticate(presented, NOW).id === id
  } catch {
    return false
  }
}
