import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Address, formatAddress, readAddress, views } from './address.ts'

const read = (text: string): Address => {
  const { search, hash } = new URL(text, 'http://rondo.test')
  return readAddress({ search, hash })
}

describe('the address', () => {
  it('is the first view without anything in it', () => {
    expect(read('/')).toMatchObject({ view: 'cycle', where: [] })
    expect(formatAddress(read('/'))).toBe('/')
    expect(read('/?view=nothing').view).toBe('cycle')
  })

  it('keeps every state, whatever is in it', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' })
    const filter = fc.record({ trait: text.filter((trait) => !trait.includes(':')), value: fc.option(text) })
    const parts = {
      view: fc.constantFrom(...views),
      stage: text,
      actor: text,
      zone: text,
      range: text,
      embed: fc.constantFrom(undefined, '1'),
      where: fc.array(filter),
    }
    fc.assert(fc.property(fc.record(parts), (address) => expect(read(formatAddress(address))).toEqual(expect.objectContaining(address))))
  })

  it('of the earlier page leads to the actor', () => {
    expect(read('/?cycle=presence#actor=keys%2F1%20%C3%A9')).toMatchObject({ view: 'people', cycle: 'presence', actor: 'keys/1 é' })
    expect(read('/#actor=%E0%A4%A')).toMatchObject({ view: 'people', actor: '%E0%A4%A' })
  })

  it('has filters of the forms trait:value and !trait alone', () => {
    expect(read('/?where=country:NL&where=plan:a:b&where=x&where=!age').where).toEqual([
      { trait: 'country', value: 'NL' },
      { trait: 'plan', value: 'a:b' },
      { trait: 'age', value: null },
    ])
  })
})
