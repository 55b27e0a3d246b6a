import { RondoError, type SourceDefinition } from '#contracts'
import type { KafkaLog } from '#event-log'
import type { PreparedChange } from '#process'
import { readSourceFile } from './source-file.ts'
import { Sources, type SourcesOptions } from './sources.ts'

/** What sources are read with. */
interface SourcesSetup extends Pick<SourcesOptions, 'log' | 'check' | 'onAlarm'> {
  readonly kafka: Pick<KafkaLog, 'source' | 'writers'>
}

/** The sources that a file names; none without a file. @throws RondoError RONDO_SOURCES_INVALID with all defects */
export function openSources(file: string, { kafka, ...options }: SourcesSetup): Sources {
  const topicOf = ({ name, topic }: SourceDefinition) => kafka.source({ topic, name, onError: ({ message }) => options.onAlarm(message) })
  return new Sources({ definitions: definitionsIn(file), topicOf, registry: kafka.writers(), ...options })
}

const definitionsIn = (file: string): SourceDefinition[] => (file === '' ? [] : readSourceFile(file))

/**
 * The sources of an ingest process at a reload: the file is read again, or another one that the setting names.
 * @param checkTopics what would keep this process from reading the topics, such as a missing right
 */
export function sourcesPart(sources: Pick<Sources, 'prepareChange'>, checkTopics: (topics: readonly string[]) => Promise<readonly RondoError[]>) {
  return {
    async prepare({ sources: file }: { readonly sources: string }): Promise<PreparedChange | undefined> {
      const definitions = definitionsIn(file)
      const prepared = await sources.prepareChange(definitions)
      if (prepared === undefined) return undefined
      const [defect, ...others] = await checkTopics(definitions.filter(({ retired }) => !retired).map(({ topic }) => topic))
      if (defect === undefined) return prepared
      await prepared.discard?.()
      throw new RondoError(defect.code, [defect, ...others].map(({ message }) => message).join('\n'), { retriable: defect.retriable })
    },
  }
}
