import type { CycleDefinition } from '#contracts'
import { compileCycle } from '#cycle'
import type { FolderState, OwnedPartition } from '#event-log'
import { runPartition, type SharedReading } from '#pipeline'
import type { LogRecord } from '../oracle/oracle.ts'
import { Crash, crashingPartition } from './crashing-partition.ts'

/** The sizes of batches. */
type Limits = NonNullable<Parameters<typeof runPartition>[2]['limits']>

/** One process of the processor: the number of batches that it commits, and whether it dies before or after the next commit. */
export interface Life {
  readonly commits: number
  readonly when: 'before' | 'after'
}

/** How an owner folds, and when it dies; without a life it folds to the end of the log. */
export interface LifeOptions {
  readonly limits: Limits
  readonly life: Life | undefined
  /** The reading that the owners of other cycles use too. */
  readonly reading?: SharedReading
}

/** Runs the partition until its owner dies, or until the end of the log. */
export async function live(state: Pick<FolderState, 'reader'>, definition: CycleDefinition, { limits, life, reading }: LifeOptions): Promise<void> {
  const reader = state.reader()
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const atEnd: OwnedPartition['read'] = async (offset, readLimits) => {
    const records = await owned.read(offset, { ...readLimits, waitMs: 0 })
    // Only the run itself waits for more records; a restore continues without waiting.
    if (records.length === 0 && readLimits.waitMs > 0) end.abort()
    return records
  }
  const run = runPartition(
    crashingPartition({ ...bound(owned), read: atEnd }, life?.commits ?? Number.POSITIVE_INFINITY, life?.when ?? 'before'),
    compileCycle(definition),
    { signal: end.signal, limits, ...(reading === undefined ? {} : { reading }) },
  )
  await run.catch((error: unknown) => {
    if (!(error instanceof Crash)) throw error
  })
  await reader.close()
}

function bound(owned: OwnedPartition): OwnedPartition {
  return crashingPartition(owned, Number.POSITIVE_INFINITY, 'before')
}

/** A log as frames, whose sizes follow each other in turn. */
export function framesOf(log: readonly LogRecord[], sizes: readonly number[]): string[] {
  const frames: string[] = []
  for (let from = 0, turn = 0; from < log.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    frames.push(
      log
        .slice(from, from + size)
        .map((record) => JSON.stringify(record))
        .join('\n'),
    )
    from += size
  }
  return frames
}

/** All outputs of a state, as they were published. */
export async function feedOf(state: Pick<FolderState, 'stateReader'>): Promise<string[]> {
  const feed = state.stateReader()
  const outputs: string[] = []
  for (let after = 0; ; ) {
    const page = await feed.read(after, 100)
    outputs.push(...page.map(({ output }) => output))
    const last = page.at(-1)
    if (last === undefined) break
    after = last.cursor
  }
  feed.close()
  return outputs
}
