import { expect, it } from '@jest/globals'
import { accessSettings, checkKeys, needsKeys } from './key-setting.ts'

it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('at %s, which only this machine reaches, keys are optional unless they are required', (host) => {
  expect([needsKeys({ keys: '', host }), needsKeys({ keys: 'required', host })]).toEqual([false, true])
  expect(() => checkKeys({ keys: 'optional', host })).not.toThrow()
})

it.each(['0.0.0.0', '::', '10.0.0.7', 'rondo.example', '127.0.0.1.example', 'localhost.example'])(
  'at %s, which other machines reach, keys are required and cannot be optional',
  (host) => {
    expect(needsKeys({ keys: '', host })).toBe(true)
    for (const keys of ['', 'required'] as const) expect(() => checkKeys({ keys, host })).not.toThrow()
    expect(() => checkKeys({ keys: 'optional', host })).toThrow(`other machines reach ${host}`)
  },
)

it('refuses any other value of the setting', () => expect(accessSettings.keys.safeParse('off').error?.issues[0]?.message).toBe('expected required or optional'))
