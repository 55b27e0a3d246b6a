import { RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { OwnedPartition, RequiredRecords } from '#event-log'
import { type Logger, type StallCause, Stalls } from '#process'
import { Folds, type FoldsOptions } from './folds.ts'
import { StallCauses, type StallCausesOptions } from './stall-causes.ts'

/** The folds of one cycle in this process, and why its log time stands still. */
export interface CycleFold {
  readonly cycle: string
  readonly folds: Folds
  readonly stalls: Stalls
  readonly causes: StallCauses
}

/** What a {@link CycleFold} is made of: how its partitions are folded, and what shows why log time stands still. */
export interface CycleFoldOptions extends Pick<StallCausesOptions, 'poller' | 'registry'> {
  readonly folds: Omit<FoldsOptions, 'stalls'>
  readonly stallMs: number
}

/** The fold of one cycle in this process, without any partition yet. */
export function newCycleFold(compiled: CompiledCycle, { folds: options, stallMs, poller, registry }: CycleFoldOptions): CycleFold {
  const { cycle } = compiled
  const { clock, hasOthers } = options
  const causeOf = (partition: number): StallCause => causes.causeOf(partition)
  const stalls = new Stalls({ clock, stallMs, causeOf, cycle: hasOthers ? cycle : undefined })
  const folds = new Folds(compiled, { ...options, stalls })
  const causes = new StallCauses({ cycle, folds, poller, registry, clock })
  return { cycle, folds, stalls, causes }
}

/** The folds of all cycles in this process. Each cycle has its own partitions, state and stalls. */
export class CycleFolds {
  readonly #cycles: readonly CycleFold[]

  constructor(cycles: readonly CycleFold[]) {
    this.#cycles = cycles
  }

  /** Partitions whose state is not restored yet for some cycle. */
  get restoring(): number[] {
    return this.#cycles.flatMap(({ folds }) => folds.restoring)
  }

  /** The records of the log that a restore in another process would need now. */
  get requiredRecords(): RequiredRecords[] {
    return this.#cycles.flatMap(({ folds }) => folds.requiredRecords)
  }

  /** The sentence for a probe; undefined if log time moves for every cycle. */
  get unreadyReason(): string | undefined {
    return this.#cycles.map(({ stalls }) => stalls.unreadyReason).find((reason) => reason !== undefined)
  }

  /** What people should know of the events; undefined if there is nothing. */
  get note(): string | undefined {
    return this.#cycles.flatMap(({ folds }) => folds.notes).join(' ') || undefined
  }

  /** Changes how long the log time of a partition may stand still. */
  limitStall(ms: number): void {
    for (const { stalls } of this.#cycles) stalls.limit(ms)
  }

  /** Folds a partition for the cycle for which it is owned. @throws RondoError as {@link Folds.run} does */
  run(owned: OwnedPartition, signal: AbortSignal): Promise<void> {
    const found = this.#cycles.find(({ cycle }) => cycle === owned.cycle)
    if (found === undefined)
      throw new RondoError('RONDO_INTERNAL', `Partition ${owned.partition} is assigned for the cycle ${owned.cycle}, which is not run here.`)
    return found.folds.run(owned, signal)
  }

  /** Reads what the causes of stalls follow from. @throws RondoError RONDO_LOG_UNAVAILABLE */
  async pollCauses(): Promise<void> {
    for (const { causes } of this.#cycles) await causes.poll()
  }

  /** Logs the partitions whose log time stands still, and those where it moves again, since the last call. */
  log(logger: Pick<Logger, 'info' | 'warn'>): void {
    for (const { stalls } of this.#cycles) stalls.log(logger)
  }
}
