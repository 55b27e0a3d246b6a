import type { CommitBatch, OwnedPartition } from '../event-log.ts'
import { allCheckpoints } from './fixture.ts'
import { positionAt, sampleBatch, sampleOutputs } from './samples.ts'

/** Checkpoints are spread over so few buckets that each is written several times. */
const BUCKETS = 3

/**
 * The simplest owner: it publishes the number of each record, from 1, with a checkpoint and partition metadata that must agree with the position
 * of the next owner. Ends when the partition is lost or the signal is aborted.
 * @param report called with each event: `takes N`, `committed N`, `lost`
 */
export async function foldByCounting(owned: OwnedPartition, report: (event: string) => void, signal: AbortSignal): Promise<void> {
  let previousPosition: CommitBatch['previousPosition'] = await owned.committed()
  const defect = await defectOfStoredState(owned, previousPosition)
  // If the ownership has ended meanwhile, only a part of the stored state was read.
  if (signal.aborted) return
  if (defect !== undefined) throw new TypeError(defect)
  report(`takes ${previousPosition?.offset ?? -1}`)
  while (!signal.aborted) {
    const records = await owned.read((previousPosition?.offset ?? -1) + 1, { bytesMax: 100, waitMs: 100 })
    for (const { offset } of records) {
      const partitionMetadata = String(offset)
      const checkpoints = [{ bucket: offset % BUCKETS, metadata: partitionMetadata, bytes: Buffer.from(partitionMetadata) }]
      const batch: CommitBatch = sampleBatch({
        previousPosition,
        position: positionAt(offset),
        outputs: sampleOutputs([offset + 1]),
        checkpoints,
        partitionMetadata,
      })
      if ((await owned.commit(batch)) === 'lost') return report('lost')
      report(`committed ${offset}`)
      previousPosition = batch.position
    }
  }
}

/** Compares the stored checkpoints and metadata with those that the owner of the position must have written. @returns undefined if they agree */
async function defectOfStoredState(owned: OwnedPartition, previousPosition: CommitBatch['previousPosition']): Promise<string | undefined> {
  const at = previousPosition?.offset ?? -1
  const parts = (await allCheckpoints(owned)).map(({ metadata, bytes }) => [metadata, Buffer.from(bytes).toString()])
  // The last offset of each bucket that is not above the position.
  const newest = Array.from({ length: BUCKETS }, (_, bucket) => at - ((at - bucket + BUCKETS) % BUCKETS)).filter((offset) => offset >= 0)
  const found = JSON.stringify([parts, await owned.partitionMetadata()])
  const wanted = JSON.stringify([newest.map((offset) => [String(offset), String(offset)]), previousPosition && String(at)])
  return found === wanted ? undefined : `at ${at} there should be ${wanted}, and there is ${found}`
}
