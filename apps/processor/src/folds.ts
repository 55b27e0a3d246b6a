import { RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { OwnedPartition } from '#event-log'
import { distantLimits, runPartition } from '#pipeline'
import { hashSeed } from '#runtime'
import type { FoldMetrics } from './fold-metrics.ts'

export interface FoldsOptions {
  readonly generation: number
  /** Entries of a partition in which the state of every actor is written once. */
  readonly checkpointRound: number
  /** In how much time of the log that is done at least, where it does not keep its records for ever. */
  readonly checkpointRenewMs?: number | undefined
  readonly metrics: FoldMetrics
  readonly onAlarm: (text: string) => void
}

/** The partitions that this process folds. */
export class Folds {
  readonly #cycle: CompiledCycle
  readonly #options: FoldsOptions
  readonly #restored = new Map<number, boolean>()

  constructor(cycle: CompiledCycle, options: FoldsOptions) {
    this.#cycle = cycle
    this.#options = options
  }

  /** Partitions whose state is not there yet. */
  get restoring(): number[] {
    return [...this.#restored].filter(([, isRestored]) => !isRestored).map(([partition]) => partition)
  }

  /** Folds a partition until the signal, or until another owner has it. @throws RondoError where the log cannot be read or written */
  async run(owned: OwnedPartition, signal: AbortSignal): Promise<void> {
    const { partition } = owned
    const { generation, checkpointRound, checkpointRenewMs, metrics, onAlarm } = this.#options
    this.#restored.set(partition, false)
    try {
      await runPartition(owned, this.#cycle, {
        signal,
        seed: hashSeed(),
        generation,
        limits: { ...distantLimits, checkpointRound, checkpointRenewMs },
        report: (progress) => {
          if (progress.kind === 'refused') onAlarm(`Partition ${partition}: ${progress.error.message} (${progress.error.code})`)
          else if (progress.kind === 'trouble') onAlarm(`${progress.error.message} Nothing is lost; the processor tries again each second.`)
          else if (progress.kind === 'zones') onAlarm(progress.warning)
          else if (progress.kind === 'dropped') metrics.dropped(progress.copies)
          else {
            this.#restored.set(partition, true)
            metrics.take(partition, progress)
          }
        },
      })
    } catch (failure) {
      if (failure instanceof RondoError) throw new RondoError(failure.code, `Partition ${partition}: ${failure.message}`, { cause: failure })
      throw failure
    } finally {
      this.#restored.delete(partition)
      metrics.drop(partition)
    }
  }
}
