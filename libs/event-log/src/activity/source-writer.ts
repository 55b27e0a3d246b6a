import type { Instant } from '#contracts'
import type { WriterHeartbeat } from './writer-registry.ts'

/** Rule 2: a source may be silent for a day. */
const SOURCE_TIMEOUT_MS = 86_400_000
const NAME = /^source:(.*)\/(\d+)$/

/** The writer of one partition of a source. It stays open when the process that reads it ends, and is copied with the log. */
export const sourceWriter = (source: string, partition: number): string => `source:${source}/${partition}`

/** The source of a writer. */
export const sourceOf = (writer: string): string | undefined => NAME.exec(writer)?.[1]

/** The heartbeat of a source's writer, the same from every process that reads the source. */
export function sourceHeartbeat(writer: string, time: Instant): WriterHeartbeat {
  const [, source, partition] = NAME.exec(writer) ?? []
  return { writer, name: `the source ${source}, partition ${partition}`, time, timeoutMs: SOURCE_TIMEOUT_MS }
}
