import { describe, expect, it } from '@jest/globals'
import type { Message } from 'kafkajs'
import { sampleBatch, sampleOutput, sampleOutputs } from '../../conformance/samples.ts'
import { batchRequests } from './batch-records.ts'

const lateRecord = {
  reason: 'grace',
  logTime: null,
  event: {
    id: 'e',
    type: 'track',
    event: 'Play',
    actor: { type: 'user', id: 'u-9' },
    time: '1998-01-01T00:00:00.000Z',
    receivedAt: '1998-01-01T00:00:00.000Z',
  },
} as const
const refusedRecord = { code: 'RONDO_RECORD_INVALID', reason: 'it is not JSON', where: 'here', refusedAt: null, raw: '{' } as const

/** No value was written before this batch. */
const neverWritten = (): number => 0

describe('the records of a batch', () => {
  it('go to their topics in one request, keyed by actor, with the version of their schema', () => {
    const output = sampleOutput({ actor: { type: 'user', id: 'Zoë' } })
    const checkpoint = { name: '3', metadata: '{"offset":1}', bytes: Uint8Array.of(1, 2) }
    const batch = sampleBatch({ outputs: [output], late: [lateRecord], quarantine: [refusedRecord] })
    const requests = [...batchRequests(batch, [checkpoint], neverWritten)]
    const headers = { schema: '1' }
    expect(requests).toEqual([
      {
        transitions: [{ key: 'Zoë', value: JSON.stringify(output), headers }],
        late: [{ key: 'u-9', value: JSON.stringify(lateRecord), headers }],
        quarantine: [{ key: null, value: JSON.stringify(refusedRecord), headers }],
        checkpoints: [expect.objectContaining({ key: '3/0', value: Buffer.of(1, 2) })],
      },
    ])
  })

  it('do not exist for a batch that only changes the position', () => {
    expect([...batchRequests(sampleBatch(), [], neverWritten)]).toEqual([])
  })

  it('are divided into requests of limited size, without gaps, in their order', () => {
    const seqs = Array.from({ length: 10_000 }, (_, i) => i + 1)
    const values = ['0', '1', '2'].map((name) => ({ name, metadata: '{}', bytes: new Uint8Array(700_000) }))
    const requests = [...batchRequests(sampleBatch({ outputs: sampleOutputs(seqs) }), values, neverWritten)]
    const bytesOf = (messages: Message[] = []) => messages.reduce((sum, { value }) => sum + Buffer.byteLength(value ?? ''), 0)
    for (const request of requests) {
      expect(bytesOf(Object.values(request).flat())).toBeLessThanOrEqual(1_000_000)
      expect(Object.values(request).flat().length).toBeLessThanOrEqual(4000)
    }
    expect(requests.flatMap(({ transitions = [] }) => transitions.map(({ value }) => JSON.parse(String(value)).seq))).toEqual(seqs)
    expect(bytesOf(requests.flatMap(({ checkpoints = [] }) => checkpoints))).toBe(3 * 700_000)
  })
})
