import type { OutputKind } from '#contracts'
import type { CommitBatch } from '#event-log'

/** What a commit wrote, and how long it took. */
export interface CommitSummary {
  readonly seconds: number
  /** The number of outputs of each kind that the batch has. */
  readonly outputs: ReadonlyMap<OutputKind, number>
  /** The number of refused records of the log, by their code. */
  readonly refused: ReadonlyMap<string, number>
  readonly checkpoints: { readonly parts: number; readonly bytes: number }
}

/** The summary of a committed batch. */
export function summaryOf({ outputs, quarantine, checkpoints }: CommitBatch, seconds: number): CommitSummary {
  return {
    seconds,
    outputs: countsOf(outputs, ({ kind }) => kind),
    refused: countsOf(quarantine, ({ code }) => code),
    checkpoints: { parts: checkpoints.length, bytes: checkpoints.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) },
  }
}

function countsOf<Item, Name>(items: readonly Item[], nameOf: (item: Item) => Name): Map<Name, number> {
  const counts = new Map<Name, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return counts
}
