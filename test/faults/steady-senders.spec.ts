import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant, type Output } from '#contracts'
import { SteadySenders } from './steady-senders.ts'

let ingest: Server
let isOpen: boolean
beforeEach(async () => {
  isOpen = true
  ingest = createServer((request, response) => {
    request.resume()
    response.writeHead(isOpen ? 200 : 503).end()
  }).listen(0, '127.0.0.1')
  await once(ingest, 'listening')
})
afterEach(() => {
  ingest.close()
})

const openUrls = (): string[] => [`http://127.0.0.1:${(ingest.address() as AddressInfo).port}`]
const absence = (id: string, at: number): Output =>
  ({ kind: 'disengage', actor: { type: 'user', id }, at: formatInstant(at), noticedAt: formatInstant(at) }) as Output

describe('steady senders', () => {
  it('distinguish an absence of an actor that did send events from a true one', async () => {
    const senders = new SteadySenders(openUrls)
    const began = Date.now()
    senders.start()
    await new Promise((resolve) => setTimeout(resolve, 700))
    await senders.stop()
    const ended = Date.now()
    expect(senders.falseAbsences([absence('steady-0', ended + 1), absence('steady-3', ended + 3000)]).length).toBe(2)
    expect(senders.falseAbsences([absence('steady-0', ended + 4001), absence('steady-0', began - 1), absence('other', ended)])).toEqual([])
  })

  it('lose no beat while ingest answers 503, and do not end before each is answered', async () => {
    const senders = new SteadySenders(openUrls)
    isOpen = false
    senders.start()
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(senders.answered).toEqual([])
    isOpen = true
    await senders.stop()
    const beats = senders.answered.filter((id) => id.startsWith('steady-0-'))
    expect(beats).toEqual(beats.map((_, number) => `steady-0-${number}`))
    expect(beats.length).toBeGreaterThan(1)
  })
})
