import type { CommitBatch, CommitOutcome, OwnedPartition } from '#event-log'

/** Thrown where a process would have died. */
export class Crash {
  readonly where: string

  constructor(where: string) {
    this.where = where
  }
}

/** A partition whose owner dies at its n-th commit: before it takes effect, or after it but before the owner gets the answer. */
export function crashing(owned: OwnedPartition, commits: number, when: 'before' | 'after'): OwnedPartition {
  let left = commits
  return {
    partition: owned.partition,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    checkpoints: () => owned.checkpoints(),
    read: (offset: number, limits: Parameters<OwnedPartition['read']>[1]) => owned.read(offset, limits),
    commit: async (batch: CommitBatch): Promise<CommitOutcome> => {
      if (left-- > 0) return await owned.commit(batch)
      if (when === 'after') await owned.commit(batch)
      throw new Crash(when)
    },
  }
}
