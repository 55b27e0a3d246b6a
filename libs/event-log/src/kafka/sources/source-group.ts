import type { KafkaSettings } from '../client/kafka-settings.ts'

/**
 * The consumer group that keeps how far a source was read. It belongs to the log, not to the group of its processors: the events are in
 * the log, whichever group folds it.
 */
export function sourceGroup(settings: KafkaSettings, source: string): string {
  return sourceGroupPrefix(settings) + source
}

/** The beginning of the names of all groups of sources of a log. */
export const sourceGroupPrefix = ({ prefix = '' }: KafkaSettings): string => `${prefix}rondo.source.`
