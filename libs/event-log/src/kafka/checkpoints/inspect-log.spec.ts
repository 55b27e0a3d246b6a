import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { inspectKafkaLog } from './inspect-log.ts'

const settings = { prefix: '', group: 'rondo', partitions: 1, replication: 1, identity: {} }

describe('the inspection of a log whose brokers are away', () => {
  it('ends where a broker accepts connections and says nothing, and names it', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
    await expect(inspectKafkaLog({ ...settings, brokers: [address] }, { firstAnswerMs: 300, allMs: 300 })).rejects.toMatchObject({
      code: 'RONDO_LOG_UNAVAILABLE',
      message: expect.stringMatching(`None of the brokers ${address} has answered for 0.3 s. Check --brokers`),
    })
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('ends by itself where connections are refused, with the reason', async () => {
    const unused = createServer().listen(0, '127.0.0.1')
    await once(unused, 'listening')
    const { port } = unused.address() as AddressInfo
    await new Promise((closed) => unused.close(closed))
    await expect(inspectKafkaLog({ ...settings, brokers: [`127.0.0.1:${port}`] }, { firstAnswerMs: 60_000, allMs: 60_000 })).rejects.toMatchObject({
      code: 'RONDO_LOG_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
