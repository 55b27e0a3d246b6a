import { type EventName, formatInstant, type Output, type Position } from '#contracts'
import type { CheckpointPart, CommitBatch, OwnedPartition } from '../event-log.ts'

const outputDefaults: Output = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  seq: 1,
  cycle: 'listener',
  version: 1,
  generation: 1,
  actor: { type: 'user', id: 'u-1' },
  kind: 'advance',
  from: 'start',
  to: 'discovering',
  rule: 'first-listen',
  cause: 'Song Played',
  at: formatInstant(0),
  noticedAt: formatInstant(0),
  dwellMs: null,
  evidence: { measures: {}, event: null, recent: {}, deadline: null },
  origin: 'live',
}

/** A valid output, with the given parts. */
export function sampleOutput(parts: Partial<Output> = {}): Output {
  return { ...outputDefaults, ...parts }
}

/** Outputs of one batch; their seq distinguishes them. */
export function sampleOutputs(seqs: readonly number[]): Output[] {
  return seqs.map((seq) => sampleOutput({ seq, id: String(seq).padStart(22, '0') }))
}

/** The record of a name of events, with the given parts. */
export function sampleName(parts: Partial<EventName> = {}): EventName {
  const at = formatInstant(0)
  return { name: 'Visit', since: null, events: 1, firstAt: at, lastAt: at, signals: [], defects: 0, samples: [], version: 0, ...parts }
}

/** The position after the first entry of the record at `offset`. */
export function positionAt(offset: number, index = 0): Position {
  return { offset, index, cursor: null }
}

/** A batch without outputs, with the given parts. */
export function sampleBatch(parts: Partial<CommitBatch> = {}): CommitBatch {
  return {
    previousPosition: undefined,
    position: positionAt(0),
    logTime: 0,
    dueAt: 0,
    outputs: [],
    late: [],
    quarantine: [],
    checkpoints: [],
    names: [],
    partitionMetadata: '{}',
    ...parts,
  }
}

/** Commits batches one after the other, each on the position of the one before; each publishes outputs with its seqs. */
export async function commitInTurn(
  owned: OwnedPartition,
  seqsOfSteps: readonly (readonly number[])[],
  checkpoints: readonly CheckpointPart[] = [],
): Promise<string[]> {
  const outcomes: string[] = []
  let previousPosition = await owned.committed()
  for (const seqs of seqsOfSteps) {
    const position = positionAt((previousPosition?.offset ?? -1) + 1)
    outcomes.push(await owned.commit(sampleBatch({ previousPosition, position, outputs: sampleOutputs(seqs), checkpoints })))
    previousPosition = position
  }
  return outcomes
}
