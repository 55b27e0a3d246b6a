import type { SourceDefinition } from '#contracts'
import type { KafkaLog } from '#event-log'
import { readSourceFile } from './source-file.ts'
import { Sources, type SourcesOptions } from './sources.ts'

/** What sources are read with. */
interface SourcesSetup extends Pick<SourcesOptions, 'log' | 'check' | 'onAlarm'> {
  readonly kafka: Pick<KafkaLog, 'source' | 'writers'>
}

/** The sources that a file names; undefined without a file. @throws RondoError RONDO_SOURCES_INVALID with all defects */
export function openSources(file: string, { kafka, ...options }: SourcesSetup): Sources | undefined {
  if (file === '') return undefined
  const topicOf = ({ name, topic }: SourceDefinition) => kafka.source({ topic, name, onError: ({ message }) => options.onAlarm(message) })
  return new Sources({ definitions: readSourceFile(file), topicOf, registry: kafka.writers(), ...options })
}
