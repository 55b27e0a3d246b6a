import { RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { hashSeed } from '#runtime'

/** The partitions that this process folds. */
export class Folds {
  readonly #cycle: CompiledCycle
  readonly #onAlarm: (text: string) => void
  readonly #restored = new Map<number, boolean>()

  constructor(cycle: CompiledCycle, onAlarm: (text: string) => void) {
    this.#cycle = cycle
    this.#onAlarm = onAlarm
  }

  /** Partitions whose state is not there yet. */
  get restoring(): number[] {
    return [...this.#restored].filter(([, isRestored]) => !isRestored).map(([partition]) => partition)
  }

  /** Folds a partition until the signal, or until another owner has it. @throws RondoError where the log cannot be read or written */
  async run(owned: OwnedPartition, signal: AbortSignal): Promise<void> {
    const { partition } = owned
    this.#restored.set(partition, false)
    try {
      await runPartition(owned, this.#cycle, {
        signal,
        seed: hashSeed(),
        report: (progress) => {
          if (progress.kind === 'trouble') this.#onAlarm(`${progress.error.message} Nothing is lost; the processor tries again each second.`)
          else this.#restored.set(partition, true)
        },
      })
    } catch (failure) {
      if (failure instanceof RondoError) throw new RondoError(failure.code, `Partition ${partition}: ${failure.message}`, { cause: failure })
      throw failure
    } finally {
      this.#restored.delete(partition)
    }
  }
}
