// The thread that archives: it reads log.db and the state files through connections of its own, and changes neither.
import { parentPort, workerData } from 'node:worker_threads'
import { readArchive, verifiedEnd, writeArchive } from '#archive'
import { RondoError } from '#contracts'
import { FolderHistory } from '#event-log'
import { neededBeginning } from '#pipeline'
import type { ArchiveOrder, ArchiveReport } from './archive-order.ts'

const { folder, archive, now, trimBefore } = workerData as ArchiveOrder
const DAY_MS = 86_400_000

const report = (message: ArchiveReport): void => parentPort?.postMessage(message)
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())

async function run(): Promise<void> {
  const log = new FolderHistory(folder)
  try {
    const onFile = (_: number, { day, entries, bytes }: { day: string; entries: number; bytes: number }): void =>
      report({ kind: 'written', day, entries, bytes })
    await writeArchive({ archive, log, before: now, signal: stop.signal, onFile })
    if (stop.signal.aborted) return
    const files = readArchive(archive).flatMap((manifest) => manifest.files)
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    report({ kind: 'archived', until: Math.floor(now / DAY_MS) * DAY_MS, day: files.at(-1)?.day, bytes })
    for (let partition = 0; partition < log.partitions && !stop.signal.aborted; partition++) {
      const { begin } = await log.bounds(partition)
      const { offset: needed, failure } = neededBeginning(await log.checkpoints(partition))
      if (failure !== undefined) report({ kind: 'kept', code: failure.code, message: failure.message })
      const below = await verifiedEnd(archive, log, { partition, needed, before: trimBefore })
      if (below > begin) report({ kind: 'compared', partition, begin, below })
    }
  } finally {
    log.close()
  }
}

run()
  .catch((error: unknown) => {
    const failure = error instanceof RondoError ? error : new RondoError('RONDO_INTERNAL', `The archive cannot be written: ${String(error)}`)
    report({ kind: 'failed', code: failure.code, message: failure.message })
  })
  .finally(() => parentPort?.close())
