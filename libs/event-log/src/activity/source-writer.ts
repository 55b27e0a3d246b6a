import type { Instant } from '#contracts'
import type { WriterSign } from './writer-registry.ts'

/** Rule 2: a source may be silent for a day. */
const PATIENCE_MS = 86_400_000
const NAME = /^source:(.*)\/(\d+)$/

/** The writer of one partition of a source. It stays open when the process ends that reads it, and goes over into a copy of the log. */
export const sourceWriter = (source: string, partition: number): string => `source:${source}/${partition}`

/** Whose writer it is. */
export const sourceOf = (writer: string): string | undefined => NAME.exec(writer)?.[1]

/** What a source's writer says of itself in the register, whoever signs for it. */
export function sourceSign(writer: string, time: Instant): WriterSign {
  const [, source, partition] = NAME.exec(writer) ?? []
  return { writer, name: `the source ${source}, partition ${partition}`, time, patienceMs: PATIENCE_MS }
}
