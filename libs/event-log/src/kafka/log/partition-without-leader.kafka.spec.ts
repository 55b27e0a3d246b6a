import { describe, expect, it } from '@jest/globals'
import { retry } from '#runtime'
import { trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { valuesOf } from '../../../../../test/fixtures/broker/log-contents.ts'
import { killSecond, placeTopics, twoBrokersForTests } from '../../../../../test/fixtures/broker/two-brokers.ts'
import { type KafkaLog, openKafkaLog } from '../kafka-log.ts'
import type { KafkaLogWriter } from './kafka-log-writer.ts'

const brokers = twoBrokersForTests()
const WITHOUT = 1
/** Again and again, as ingest does: while the brokers learn that one of them is down, requests fail. */
const written = (writer: KafkaLogWriter, partition: number, frame: string) => retry(() => writer.append(partition, [frame]), { pauseMs: 100 })

describe('a partition without a leader', () => {
  it('holds up neither the writes of a writer that began before, nor those of a new one, and gets its own frames when it has a leader again', async () => {
    const { second, first } = brokers()
    const settings = trialSettings(first, { partitions: 3 })
    await placeTopics(brokers(), settings, [WITHOUT])
    const log = await openKafkaLog(settings)
    const writer = log.writer()
    for (let partition = 0; partition < 3; partition++) expect(await written(writer, partition, 'before')).toBe(0)
    await killSecond(brokers(), settings, WITHOUT)
    const held = written(writer, WITHOUT, 'held')
    let isAnswered = false
    void held.then(
      () => (isAnswered = true),
      () => (isAnswered = true),
    )
    for (let n = 0; n < 20; n++) await Promise.all([written(writer, 0, `a${n}`), written(writer, 2, `b${n}`)])
    expect(isAnswered).toBe(false)
    const next = ((await retry(() => openKafkaLog(settings), { pauseMs: 100 })) as KafkaLog).writer()
    await Promise.all([written(next, 0, 'next'), written(next, 2, 'next')])
    await second.start()
    expect(await held).toBe(1)
    expect(await valuesOf(settings, 'activity', WITHOUT)).toEqual(['before', 'held'])
    const expected = (name: string) => ['before', ...Array.from({ length: 20 }, (_, n) => `${name}${n}`), 'next']
    expect([await valuesOf(settings, 'activity', 0), await valuesOf(settings, 'activity', 2)]).toEqual([expected('a'), expected('b')])
    await Promise.all([writer.close(), next.close()])
  })
})
