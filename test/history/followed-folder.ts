import type { CycleDefinition, Output } from '#contracts'
import { type CompiledCycle, compileCycle, identityOf } from '#cycle'
import type { DataFolder } from '#event-log'
import { HistoryFile, HistoryFollower, type HistorySource, IN_MEMORY } from '#history'
import { openCycleFolder } from '#projections'
import { folderHistory } from '../../apps/serving/src/history/folder-history.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { feedOf, framesOf, live } from '../pipeline/owner-life.ts'
import type { Relations, Row } from './expected-relations.ts'

const limits = { bytesAtOnce: 1 << 20, outputsMax: 1000, firingsAtOnce: 1000, checkpointRound: 10_000 }

const queries: Readonly<Record<keyof Relations, string>> = {
  transitions:
    'SELECT id, seq, kind, from_stage, to_stage, rule, cause, "at", noticed_at, dwell_ms, origin, retracted_at FROM transitions JOIN actors USING (actor)',
  stays: 'SELECT id, seq, stage, entered_at, left_at, next_stage, exit_kind, exit_cause FROM stays JOIN actors USING (actor)',
  active: 'SELECT id, slot FROM active JOIN actors USING (actor)',
  traits: 'SELECT id, name, value, since FROM traits JOIN actors USING (actor)',
}

/** All relations of a history. */
export async function relationsOf(history: Pick<HistoryFile, 'rows'>): Promise<Relations> {
  const entries = Object.entries(queries).map(async ([name, sql]) => [name, (await history.rows<Row>(sql)).map((row) => JSON.stringify(row)).sort()])
  return Object.fromEntries(await Promise.all(entries)) as Relations
}

/** A data folder that is folded and followed by a history, step by step. */
export class FollowedFolder {
  readonly folder: DataFolder
  readonly history: HistoryFile
  readonly #definition: CycleDefinition
  readonly #cycle: CompiledCycle
  readonly #source: HistorySource
  #follower: HistoryFollower | undefined

  private constructor(parts: { definition: CycleDefinition; cycle: CompiledCycle; folder: DataFolder; history: HistoryFile; source: HistorySource }) {
    this.folder = parts.folder
    this.history = parts.history
    this.#definition = parts.definition
    this.#cycle = parts.cycle
    this.#source = parts.source
  }

  /** @param archive the folder of the archive, if it is not where it was */
  static async open(definition: CycleDefinition, path: string, file = IN_MEMORY, archive?: string): Promise<FollowedFolder> {
    const cycle = compileCycle(definition)
    const folder = openCycleFolder(path, cycle)
    const source = await folderHistory(folder, folder, archive)
    const history = await HistoryFile.open({ path: file, actorType: cycle.actorType, partitions: 1, identity: { ...identityOf(cycle), ...source.log } })
    return new FollowedFolder({ definition, cycle, folder, history, source })
  }

  async append(log: readonly LogRecord[], frameSizes: readonly number[] = [3, 1, 4]): Promise<void> {
    await this.folder.writer.append(0, framesOf(log, frameSizes))
  }

  async fold(): Promise<void> {
    await live(this.folder, this.#definition, { limits, life: undefined })
  }

  /** Follows to the end, or so many steps. @param rowsMax the size of a batch */
  async follow({ rowsMax = 1000, stepsMax = Number.POSITIVE_INFINITY }: { rowsMax?: number; stepsMax?: number } = {}): Promise<void> {
    this.#follower ??= await HistoryFollower.resume(this.history, {
      cycle: this.#cycle,
      generation: 1,
      source: this.#source,
      limits: { rowsMax, bytesMax: 1 << 20 },
    })
    for (let steps = 0; steps < stepsMax; steps++) if (!(await this.#follower.step()).isMore) return
  }

  /** As after a restart: what was followed is known from the file alone. */
  forget(): void {
    this.#follower = undefined
  }

  relations(): Promise<Relations> {
    return relationsOf(this.history)
  }

  async feed(): Promise<Output[]> {
    return (await feedOf(this.folder)).map((output) => JSON.parse(output) as Output)
  }

  async close(): Promise<void> {
    await this.#source.close()
    await this.history.close()
    await this.folder.close()
  }
}
