import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant, type Output } from '#contracts'
import { SimulatedClock } from '#runtime'
import { eventually } from '../fixtures/eventually.ts'
import { SteadySenders } from './steady-senders.ts'

/** The number of actors that the senders simulate. */
const ACTORS = 9

let ingest: Server
let isOpen: boolean
let newestBody: string
beforeEach(async () => {
  isOpen = true
  newestBody = ''
  ingest = createServer((request, response) => {
    void text(request).then((body) => {
      newestBody = body
      response.writeHead(isOpen ? 200 : 503).end()
    })
  }).listen(0, '127.0.0.1')
  await once(ingest, 'listening')
})
afterEach(() => {
  ingest.close()
})

const until = (holds: () => boolean): Promise<boolean> => eventually(holds, Boolean)
const openUrls = (): string[] => [`http://127.0.0.1:${(ingest.address() as AddressInfo).port}`]
const absence = (id: string, at: number): Output =>
  ({ kind: 'disengage', actor: { type: 'user', id }, at: formatInstant(at), noticedAt: formatInstant(at) }) as Output

describe('steady senders', () => {
  it('report an absence of an actor that sent events in the four seconds before it, and no other absence', async () => {
    const began = Date.parse('2026-03-01T12:00:00Z')
    const clock = new SimulatedClock(began)
    const senders = new SteadySenders(openUrls, clock)
    senders.start()
    await until(() => senders.answered.length >= ACTORS)
    clock.advanceBy(10_000)
    const ended = clock.now()
    await until(() => senders.falseAbsences([absence('steady-0', ended)]).length > 0)
    await senders.stop()
    expect(senders.falseAbsences([absence('steady-0', began), absence('steady-0', ended), absence('steady-3', ended + 3999)]).length).toBe(3)
    expect(senders.falseAbsences([absence('steady-0', ended + 4000), absence('steady-0', began - 1), absence('other', ended)])).toEqual([])
  })

  it('lose no event while ingest answers 503, and do not end before each event is answered', async () => {
    const senders = new SteadySenders(openUrls)
    isOpen = false
    senders.start()
    await until(() => newestBody.includes('"steady-0-1"'))
    expect(senders.answered).toEqual([])
    isOpen = true
    await senders.stop()
    const beats = senders.answered.filter((id) => id.startsWith('steady-0-'))
    expect(beats).toEqual(beats.map((_, number) => `steady-0-${number}`))
    expect(beats.length).toBeGreaterThan(1)
  })
})
