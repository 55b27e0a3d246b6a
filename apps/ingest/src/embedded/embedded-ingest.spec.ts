import { systemClock } from '#runtime'
import { IngestFolder } from '../../../../test/fixtures/ingest/ingest-folder.ts'
import { describeIngest } from '../conformance/ingest.conformance.ts'
import { EmbeddedIngestLog } from './embedded-ingest-log.ts'

describeIngest('a data folder', async () => {
  const ingestFolder = new IngestFolder()
  const opened = () => {
    const onFailure = (failure: unknown): void => void ingestFolder.failures.push(failure)
    const log = new EmbeddedIngestLog({ log: ingestFolder.log, clock: systemClock, onAlarm() {}, onFailure })
    return { log, registry: log.registry() }
  }
  let current = opened()
  return {
    get log() {
      return current.log
    },
    get registry() {
      return current.registry
    },
    entries: async () => [await ingestFolder.records()],
    refused: async () => ingestFolder.folder.writer.quarantine(0, 100).map(({ record }) => JSON.parse(record)),
    async restart() {
      await ingestFolder.reopen()
      current = opened()
    },
    dispose: () => ingestFolder.dispose(),
  }
})
