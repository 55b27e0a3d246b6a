import { expect, it } from '@jest/globals'
import { keyTextOf } from './credentials.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

it.each([
  ['Basic with the key as the user', { authorization: basic('wk:') }, 'wk'],
  ['Basic with a password', { authorization: basic('wk:secret') }, 'wk'],
  ['Basic without a colon (segment-analytics-python)', { authorization: basic('wk') }, 'wk'],
  ['Basic with two colons (rudder-sdk-node)', { authorization: basic('wk::') }, 'wk'],
  ['basic in small letters', { authorization: basic('wk:').replace('Basic', 'basic') }, 'wk'],
  ['Bearer', { authorization: 'Bearer wk' }, 'wk'],
  ['X-Write-Key', { writeKey: 'wk' }, 'wk'],
  ['the body', { bodyKey: 'wk' }, 'wk'],
  ['the header before the body', { authorization: basic('wk:'), bodyKey: '***' }, 'wk'],
  ['an empty user, then the body', { authorization: basic(':'), bodyKey: 'wk' }, 'wk'],
  ['nothing', {}, undefined],
  ['a body key that is no text', { bodyKey: 17 }, undefined],
])('a key comes as %s', (_, bearer, text) => expect(keyTextOf(bearer)).toBe(text))

it('a header Authorization with another scheme is refused', () => {
  expect(() => keyTextOf({ authorization: 'Digest username="wk"' })).toThrow(expect.objectContaining({ code: 'RONDO_KEY_INVALID' }))
})
