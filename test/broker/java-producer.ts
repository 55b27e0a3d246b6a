import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { kafkaJars } from '../../scripts/kafka-jars.ts'
import type { Broker } from '../../scripts/local/broker.ts'

export const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type CodecName = (typeof codecNames)[number]

export interface PackedTopic {
  readonly topic: string
  readonly codec: CodecName
}

/** Sends lines as records into each of the topics by Kafka's own client in Java. Needs a JDK, whose launcher compiles the producer. */
export async function produceByJava(broker: Broker, topics: readonly PackedTopic[], lines: readonly string[]): Promise<void> {
  const program = join(import.meta.dirname, 'LineProducer.java')
  const child = spawn('java', ['-Xmx128m', '-cp', join(kafkaJars, '*'), program, broker.address, ...topics.flatMap(({ topic, codec }) => [topic, codec])], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.end(`${lines.join('\n')}\n`)
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new TypeError(`The producer in Java failed: ${said.slice(-2000)}`)
}

const BATCH_HEADER_BYTES = 61
const LENGTH_AT = 8
const ATTRIBUTES_AT = 21

/** By which codec each batch of a partition lies on the broker's disk. */
export function codecsOnDisk(broker: Broker, topic: string, partition = 0): CodecName[] {
  return segmentsOf(broker, topic, partition).flatMap((file) => {
    const bytes = readFileSync(file)
    const found: CodecName[] = []
    for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length; at += LENGTH_AT + 4 + bytes.readInt32BE(at + LENGTH_AT)) {
      found.push(codecNames[bytes.readInt16BE(at + ATTRIBUTES_AT) & 7] as CodecName)
    }
    return found
  })
}

export function segmentsOf(broker: Broker, topic: string, partition = 0): string[] {
  return globSync(join(broker.folder, 'data', `${topic}-${partition}`, '*.log')).sort()
}
