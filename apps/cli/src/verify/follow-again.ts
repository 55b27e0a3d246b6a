import { type CompiledCycle, identityOf } from '#cycle'
import type { OwnedPartition, StateReader } from '#event-log'
import { HistoryFile, HistoryFollower, type HistorySource } from '#history'
import { decodeRecord } from '#pipeline'
import { SqliteReadModels } from '#projections'

/** A folder has one. */
const PARTITION = 0
/** A data folder folds its log once. */
const GENERATION = 1

/** What a history is made of, and where it is. */
export interface FollowAgainOptions {
  readonly path: string
  readonly cycle: CompiledCycle
  /** Which log it is. */
  readonly log: Readonly<Record<string, string>>
  readonly records: OwnedPartition['read']
  readonly state: StateReader
  readonly stop: AbortSignal
  readonly onProgress: (rows: number) => Promise<void>
}

/** Opens a history and lets it follow to the end of the state, as a start of Rondo does. */
export async function followAgain({ path, cycle, log, stop, onProgress, ...source }: FollowAgainOptions): Promise<HistoryFile> {
  const identity = { ...identityOf(cycle, GENERATION), ...log }
  const file = await HistoryFile.open({ path, actorType: cycle.actorType, partitions: 1, identity })
  try {
    const follower = await HistoryFollower.resume(file, { cycle, generation: GENERATION, source: sourceOf({ log, ...source }) })
    for (let rows = 0; ; ) {
      const step = await follower.step()
      stop.throwIfAborted()
      rows += step.rows.outputs + step.rows.active + step.rows.traits
      await onProgress(rows)
      if (!step.isMore) return file
    }
  } catch (failure) {
    await file.close()
    throw failure
  }
}

function sourceOf({ log, records, state }: Pick<FollowAgainOptions, 'log' | 'records' | 'state'>): HistorySource {
  const models = new SqliteReadModels(state)
  return {
    log,
    decode: decodeRecord,
    async folded() {
      const logTime = await models.asOf()
      const position = await state.position(PARTITION)
      return [position && { offset: position.offset, index: position.index, logTime }]
    },
    partitions: [
      {
        outputs: (after, limit) => state.read(after, limit),
        late: async (after, limit) => (await state.late(after, limit)).map(({ cursor, record }) => ({ cursor, output: record })),
        records: (offset, bytesMax) => records(offset, { bytesMax, waitMs: 0 }),
      },
    ],
    close: async () => undefined,
  }
}
