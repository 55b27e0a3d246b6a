import { beforeEach, describe, expect, it } from '@jest/globals'
import type { AdminRecord } from '#contracts'
import { SimulatedClock } from '#runtime'
import { AdminActs } from './admin-acts.ts'
import { Gate, type GateRequest } from './gate.ts'
import { Keys } from './keys.ts'

const clock = new SimulatedClock(Date.UTC(2026, 0, 1))
const WRITE = { role: 'write' } as const
let keys: Keys
beforeEach(() => {
  const acts: AdminRecord[] = []
  const log = { append: async (act: AdminRecord) => void acts.push(act), read: async () => acts.splice(0), close: async () => {} }
  keys = new Keys({ acts: new AdminActs(log), clock })
})

const gate = (required: boolean, perSecond = 1000) =>
  new Gate({ keys, required, environment: 'production', addressLimit: { perSecond, burst: perSecond }, clock })
const from = (text?: string, more: Partial<GateRequest> = {}): GateRequest => ({
  bearer: text === undefined ? {} : { authorization: `Bearer ${text}` },
  ...more,
})
const code = (name: string) => expect.objectContaining({ code: name })

describe('if keys are required', () => {
  it('a request passes only with a valid key of the required role', async () => {
    const { key, text } = await keys.create({ role: 'write', name: 'shop' }, 'command')
    expect(gate(true).admit(from(text), WRITE)).toEqual(key)
    expect(() => gate(true).admit(from(text), { role: 'read' })).toThrow(code('RONDO_KEY_SCOPE'))
    expect(() => gate(true).admit(from(), WRITE)).toThrow(code('RONDO_KEY_MISSING'))
    expect(() => gate(true).admit(from('wk-segment'), WRITE)).toThrow(code('RONDO_KEY_INVALID'))
  })
})

describe('if keys are not required', () => {
  it('a request passes without one, and with a key of another system', () => {
    expect(gate(false).admit(from(), { role: 'admin' })).toBeUndefined()
    expect(gate(false).admit(from('wk-segment'), WRITE)).toBeUndefined()
  })

  it('a request with a key of Rondo is limited to the rights of the key', async () => {
    const { text } = await keys.create({ role: 'read', name: 'board' }, 'command')
    expect(() => gate(false).admit(from(text), WRITE)).toThrow(code('RONDO_KEY_SCOPE'))
    expect(() => gate(false).admit(from(`${text}0`), WRITE)).toThrow(code('RONDO_KEY_INVALID'))
  })
})

describe.each([true, false])('a web page, with keys required: %s', (required) => {
  const page = (origin: string, host = 'rondo.example:8080') => ({ origin, host })

  it('may send from another site with a key that names the site', async () => {
    const { text } = await keys.create({ role: 'write', name: 'shop', origins: ['https://shop.example'] }, 'command')
    expect(gate(required).admit(from(text, page('https://shop.example')), WRITE)?.name).toBe('shop')
    for (const origin of ['https://shop.example.evil', 'http://shop.example', 'null', 'nonsense', 'https://rondo.example']) {
      expect(() => gate(required).admit(from(text, page(origin)), WRITE)).toThrow(code('RONDO_ORIGIN_FOREIGN'))
    }
    expect([gate(required).isOriginKnown('https://shop.example'), gate(required).isOriginKnown('null')]).toEqual([true, false])
  })

  it('may send if it is a page of Rondo itself', async () => {
    const { text } = await keys.create({ role: 'read', name: 'board' }, 'command')
    expect(gate(required).admit(from(text, page('http://rondo.example:8080')), { role: 'read' })?.name).toBe('board')
  })
})

describe('rates', () => {
  it('delay the requests of one address, and of no other, with the time to wait', () => {
    const limited = gate(true, 2)
    limited.take('10.0.0.1')
    limited.take('10.0.0.1')
    expect(() => limited.take('10.0.0.1')).toThrow(expect.objectContaining({ code: 'RONDO_RATE_LIMITED', retriable: true, retryAfterMs: expect.any(Number) }))
    expect(() => limited.take('10.0.0.2')).not.toThrow()
    for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) for (let times = 0; times < 5; times++) limited.take(own)
  })

  it('delay the events of one key, from any address', async () => {
    const { key } = await keys.create({ role: 'write', name: 'shop', eventsPerSecond: 100 }, 'command')
    const limited = gate(true)
    limited.takeEvents(key, 100)
    expect(() => limited.takeEvents(key, 1)).toThrow(code('RONDO_RATE_LIMITED'))
    limited.takeEvents(undefined, 1_000_000)
    clock.advanceBy(1000)
    expect(() => limited.takeEvents(key, 1)).not.toThrow()
  })
})
