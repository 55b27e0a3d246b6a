import type { Instant } from '#contracts'
import type { OwnedPartition, StateReader } from '#event-log'
import type { HistorySource } from './history-source.ts'

/** A partition of a log, and the state file that it was folded into. */
export interface FoldedState {
  readonly state: StateReader
  readonly records: OwnedPartition['read']
}

/** What a history of state files follows. */
export interface StateSourceOptions extends Pick<HistorySource, 'log' | 'decode' | 'close'> {
  /** One for each partition of the log. */
  readonly partitions: readonly FoldedState[]
  /** The log time of a state; minus infinity before the first tick. */
  readonly logTime: (state: StateReader) => Promise<Instant>
}

/** A state file has one partition. */
const PARTITION = 0

/** What history follows where the log was folded into state files. */
export function stateSource({ log, decode, close, partitions, logTime }: StateSourceOptions): HistorySource {
  return {
    log,
    decode,
    close,
    folded: () =>
      Promise.all(
        partitions.map(async ({ state }) => {
          // The time first: the position is then at it or after it.
          const time = await logTime(state)
          const position = await state.position(PARTITION)
          return position && { offset: position.offset, index: position.index, logTime: time }
        }),
      ),
    partitions: partitions.map(({ state, records }) => ({
      outputs: (after, limit) => state.read(after, limit),
      late: async (after, limit) => (await state.late(after, limit)).map(({ cursor, record }) => ({ cursor, output: record })),
      records: (offset, bytesMax) => records(offset, { bytesMax, waitMs: 0 }),
    })),
  }
}
