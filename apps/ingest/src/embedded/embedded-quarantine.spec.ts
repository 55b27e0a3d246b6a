import { systemClock } from '#runtime'
import { IngestFolder } from '../../../../test/fixtures/ingest/ingest-folder.ts'
import { describeQuarantine } from '../conformance/quarantine.conformance.ts'
import { EmbeddedIngestLog } from './embedded-ingest-log.ts'

describeQuarantine('a data folder', async () => {
  const ingestFolder = new IngestFolder()
  const onFailure = (failure: unknown): void => void ingestFolder.failures.push(failure)
  const settler = () => new EmbeddedIngestLog({ log: ingestFolder.log, clock: systemClock, onAlarm() {}, onFailure })
  return {
    refuse: async (records) => void (await ingestFolder.folder.writer.append(0, [], { quarantine: records })),
    open: async () => ({ store: ingestFolder.folder.refusedStore(), acts: ingestFolder.folder.adminLog(), settler: settler(), clock: systemClock }),
    entries: () => ingestFolder.records(),
    // A write that is not done when the folder is closed by force leaves nothing: kills are in test/durability.
    dieWithin: () => ingestFolder.reopen(),
    dispose: () => ingestFolder.dispose(),
  }
})
