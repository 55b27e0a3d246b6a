import { systemClock } from '#runtime'
import { EmbeddedDesk } from '../../../test/fixtures/ingest/embedded-desk.ts'
import { describeIngest } from './conformance/ingest.conformance.ts'
import { EmbeddedIngestLog } from './embedded-ingest-log.ts'

describeIngest('a data folder', async () => {
  const desk = new EmbeddedDesk()
  const opened = () => {
    const onFailure = (failure: unknown): void => void desk.failures.push(failure)
    const log = new EmbeddedIngestLog({ log: desk.log, clock: systemClock, onAlarm() {}, onFailure })
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
    entries: async () => [await desk.records()],
    refused: async () => desk.folder.writer.quarantine(0, 100).map(({ record }) => JSON.parse(record)),
    async restart() {
      await desk.reopen()
      current = opened()
    },
    dispose: () => desk.dispose(),
  }
})
