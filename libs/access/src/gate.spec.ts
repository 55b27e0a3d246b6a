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

/** A gate. `perSecond` limits the requests of one address. */
const gate = ({ required, perSecond = 1000 }: { required: boolean; perSecond?: number }) =>
  new Gate({ keys, required, environment: 'production', addressLimit: { perSecond, burst: perSecond }, clock })
/** A request with this text as its key, or without a key. */
const requestWith = (text?: string, more: Partial<GateRequest> = {}): GateRequest => ({
  bearer: text === undefined ? {} : { authorization: `Bearer ${text}` },
  ...more,
})
const code = (name: string) => expect.objectContaining({ code: name })

describe('if keys are required', () => {
  it('a request passes only with a valid key of the required role', async () => {
    const { key, text } = await keys.create({ role: 'write', name: 'shop' }, 'command')
    expect(gate({ required: true }).admit(requestWith(text), WRITE)).toEqual(key)
    expect(() => gate({ required: true }).admit(requestWith(text), { role: 'read' })).toThrow(code('RONDO_KEY_SCOPE'))
    expect(() => gate({ required: true }).admit(requestWith(), WRITE)).toThrow(code('RONDO_KEY_MISSING'))
    expect(() => gate({ required: true }).admit(requestWith('wk-segment'), WRITE)).toThrow(code('RONDO_KEY_INVALID'))
  })
})

describe('if keys are not required', () => {
  it('a request passes without one, and with a key of another system', () => {
    expect(gate({ required: false }).admit(requestWith(), { role: 'admin' })).toBeUndefined()
    expect(gate({ required: false }).admit(requestWith('wk-segment'), WRITE)).toBeUndefined()
  })

  it('a request with a key of Rondo is limited to the rights of the key', async () => {
    const { text } = await keys.create({ role: 'read', name: 'board' }, 'command')
    expect(() => gate({ required: false }).admit(requestWith(text), WRITE)).toThrow(code('RONDO_KEY_SCOPE'))
    expect(() => gate({ required: false }).admit(requestWith(`${text}0`), WRITE)).toThrow(code('RONDO_KEY_INVALID'))
  })
})

describe.each([true, false])('a web page, with keys required: %s', (required) => {
  const page = (origin: string, host = 'rondo.example:8080') => ({ origin, host })

  it('may send from another site with a key that names the site', async () => {
    const { text } = await keys.create({ role: 'write', name: 'shop', origins: ['https://shop.example'] }, 'command')
    expect(gate({ required }).admit(requestWith(text, page('https://shop.example')), WRITE)?.name).toBe('shop')
    for (const origin of ['https://shop.example.evil', 'http://shop.example', 'null', 'nonsense', 'https://rondo.example']) {
      expect(() => gate({ required }).admit(requestWith(text, page(origin)), WRITE)).toThrow(code('RONDO_ORIGIN_FOREIGN'))
    }
    expect([gate({ required }).isOriginKnown('https://shop.example'), gate({ required }).isOriginKnown('null')]).toEqual([true, false])
  })

  it('may send if it is a page of Rondo itself', async () => {
    const { text } = await keys.create({ role: 'read', name: 'board' }, 'command')
    expect(gate({ required }).admit(requestWith(text, page('http://rondo.example:8080')), { role: 'read' })?.name).toBe('board')
  })
})

describe('rates', () => {
  it('delay the requests of one address, and of no other, with the time to wait', async () => {
    const limited = gate({ required: true, perSecond: 2 })
    await limited.countRequest('10.0.0.1')
    await limited.countRequest('10.0.0.1')
    const refusal = { code: 'RONDO_RATE_LIMITED', retriable: true, retryAfterMs: expect.any(Number) }
    await expect(limited.countRequest('10.0.0.1')).rejects.toMatchObject(refusal)
    await limited.countRequest('10.0.0.2')
    for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) for (let times = 0; times < 5; times++) await limited.countRequest(own)
  })

  it('delay the events of one key, from any address', async () => {
    const { key } = await keys.create({ role: 'write', name: 'shop', eventsPerSecond: 100 }, 'command')
    const limited = gate({ required: true })
    await limited.countEvents(key, 100)
    await expect(limited.countEvents(key, 1)).rejects.toMatchObject({ code: 'RONDO_RATE_LIMITED' })
    await limited.countEvents(undefined, 1_000_000)
    clock.advanceBy(1000)
    await limited.countEvents(key, 1)
  })
})
