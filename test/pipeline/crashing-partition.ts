import type { CommitBatch, CommitOutcome, OwnedPartition } from '#event-log'

/** Simulates the death of a process. */
export class Crash {
  /** The position of the crash relative to the commit. */
  readonly when: 'before' | 'after'

  constructor(when: 'before' | 'after') {
    this.when = when
  }
}

/**
 * A partition that accepts the given number of commits and throws {@link Crash} at the next one. With `before` that commit has no effect.
 * With `after` it takes effect, but its owner gets no answer.
 */
export function crashingPartition(owned: OwnedPartition, commits: number, when: 'before' | 'after'): OwnedPartition {
  let commitsLeft = commits
  return {
    partition: owned.partition,
    partitions: owned.partitions,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read: (offset: number, limits: Parameters<OwnedPartition['read']>[1]) => owned.read(offset, limits),
    commit: async (batch: CommitBatch): Promise<CommitOutcome> => {
      if (commitsLeft-- > 0) return await owned.commit(batch)
      if (when === 'after') await owned.commit(batch)
      throw new Crash(when)
    },
  }
}
