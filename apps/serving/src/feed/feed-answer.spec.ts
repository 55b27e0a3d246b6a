import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { expect, it } from '@jest/globals'
import { answerPage } from './feed-answer.ts'

it('a page that is refused leaves nothing on a connection that serves many requests', async () => {
  const socket = new Socket()
  const reply = { raw: new EventEmitter(), header() {} }
  const refused = async (): Promise<never> => {
    throw new RangeError('refused')
  }
  const before = socket.listenerCount('end')
  await expect(answerPage({ raw: { socket }, headers: {} }, reply, refused)).rejects.toThrow('refused')
  expect(socket.listenerCount('end')).toBe(before)
})
