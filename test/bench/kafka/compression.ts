import kafkajs, { type CompressionTypes } from 'kafkajs'
import { partitionOf } from '#event-log'
import { newKafka } from '../../../libs/event-log/src/kafka/client/kafka-client.ts'
import type { Figure } from '../figure.ts'
import { frameOf } from '../load.ts'
import { populationEvents } from './backlog.ts'
import type { BenchBroker } from './bench-broker.ts'
import { processorMs } from './child.ts'

const EVENTS = 200_000
const ROUNDS = 3
const SEND_FRAMES = 32
const { None, GZIP, LZ4, Snappy, ZSTD } = kafkajs.CompressionTypes
const codecs: readonly (readonly [name: string, codec: CompressionTypes])[] = [
  ['none', None],
  ['gzip', GZIP],
  ['lz4', LZ4],
  ['snappy', Snappy],
  ['zstd', ZSTD],
]

/** The result of one turn with one codec. */
interface Turn {
  readonly bytes: number
  readonly writtenPerS: number
  readonly readPerS: number
  readonly writerUs: number
  readonly readerUs: number
  readonly brokerUs: number
}

/** Writes `activity` with every codec. Measures the bytes on disk, and the share of compression in the cost of writing and reading. */
export async function compression(bench: BenchBroker): Promise<Figure[]> {
  const turns = new Map<string, Turn[]>()
  for (const eventsAFrame of [10, 100]) {
    const frames = framesOf(eventsAFrame)
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, codec] of codecs) {
        const label = `${name}, frames of ${eventsAFrame}`
        bench.report(label)
        turns.set(label, [...(turns.get(label) ?? []), await turnOf(bench, frames, codec)])
      }
    }
  }
  return [...turns].flatMap(([label, of]) => {
    const figure = (what: string, unit: string, key: keyof Turn): Figure => ({ what: `${label}: ${what}`, unit, samples: of.map((turn) => turn[key]) })
    return [
      figure('on disk', 'bytes an event', 'bytes'),
      figure('written', 'events/s', 'writtenPerS'),
      figure('read', 'events/s', 'readPerS'),
      figure('processor time of the writer', 'µs an event', 'writerUs'),
      figure('of the reader', 'µs an event', 'readerUs'),
      figure('of the broker, writing and reading', 'µs an event', 'brokerUs'),
    ]
  })
}

function framesOf(eventsAFrame: number): string[] {
  const frames: string[] = []
  const lines: string[] = []
  for (const { line, actor, time } of populationEvents({ actors: 20_000, share: 0.02, events: EVENTS })) {
    // As in one partition of six: all events of a sixth of the actors. So the frames cover the whole time of the load, and one partition suffices.
    if (partitionOf(actor, 6) !== 0) continue
    lines.push(line)
    if (lines.length === eventsAFrame) frames.push(frameOf(lines.splice(0), time))
  }
  return frames
}

async function turnOf(bench: BenchBroker, frames: readonly string[], codec: CompressionTypes): Promise<Turn> {
  const topic = 'compression.activity'
  await bench.createTopic(topic)
  const events = frames.reduce((sum, frame) => sum + frame.split('\n').length - 1, 0)
  const producer = newKafka(bench.settings('compression')).producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const before = bench.logBytes()
  const broker = processorMs(bench.broker.pid ?? 0)
  const writing = await clocked(async () => {
    for (let at = 0; at < frames.length; at += SEND_FRAMES) {
      await producer.send({ topic, acks: -1, compression: codec, messages: frames.slice(at, at + SEND_FRAMES).map((value) => ({ value })) })
    }
  })
  const bytes = bench.logBytes() - before
  const reading = await clocked(async () => {
    for await (const frame of bench.records(topic)) if (frame === '') throw new TypeError('a frame was lost')
  })
  const brokerMs = processorMs(bench.broker.pid ?? 0) - broker
  await producer.disconnect()
  await bench.deleteTopics((name) => name === topic)
  return {
    bytes: bytes / events,
    writtenPerS: events / (writing.wallMs / 1000),
    readPerS: events / (reading.wallMs / 1000),
    writerUs: (1000 * writing.processorMs) / events,
    readerUs: (1000 * reading.processorMs) / events,
    brokerUs: (1000 * brokerMs) / events,
  }
}

async function clocked(work: () => Promise<void>): Promise<{ wallMs: number; processorMs: number }> {
  const [wall, busy] = [performance.now(), processorMs(process.pid)]
  await work()
  return { wallMs: performance.now() - wall, processorMs: processorMs(process.pid) - busy }
}
