import { type CycleDefinition, formatInstant, type Output, type Position } from '#contracts'
import { compileCycle, PartitionFold } from '#cycle'
import { type DataFolder, type LogReader, type OwnedPartition, openDataFolder } from '#event-log'
import { stateProjection } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'

export const DAY = 86_400_000
export const START = Date.parse('2026-01-01T00:00:00Z')

/** A data folder that is filled as the processor fills it: what the fold publishes is committed step by step. */
export class FilledFolder {
  readonly home: TemporaryFolder = temporaryFolder()
  readonly folder: DataFolder
  readonly #reader: LogReader
  readonly #outputs: Output[] = []
  readonly #fold: PartitionFold
  #owned: OwnedPartition | undefined
  #events = 0

  constructor(definition: CycleDefinition) {
    this.folder = openDataFolder({ path: this.home.path, partitions: 1, identity: {}, extension: stateProjection() })
    this.#reader = this.folder.reader()
    this.#fold = new PartitionFold(compileCycle(definition), { output: (output) => this.#outputs.push(output), late: () => undefined })
    this.#fold.applyControl({ record: 'writer.open', writer: 'w', time: formatInstant(0) })
  }

  order(actorId: string, day: number, dollars: unknown = 12, event = 'Order Completed'): this {
    const time = START + day * DAY
    const bags = { properties: { cds: 1, dollars }, traits: undefined, context: undefined }
    this.#fold.applyEvent({ id: `e${++this.#events}`, actorType: 'user', actorId, event, time, arrival: time, ...bags })
    this.#fold.fireDue()
    return this
  }

  tick(day: number): this {
    this.#fold.applyControl({ record: 'tick', writer: 'w', time: formatInstant(START + day * DAY) })
    this.#fold.fireDue()
    return this
  }

  /** @param at where the step ends, unless in the next frame of the log */
  async commit(at: Partial<Position> = {}): Promise<void> {
    this.#owned ??= await this.#own()
    const base = await this.#owned.committed()
    const position: Position = { offset: (base?.offset ?? -1) + 1, index: 0, cursor: null, ...at }
    const refused = [{ code: 'RONDO_EVENT_INVALID', reason: 'no name', where: 'POST /v1/track', refusedAt: null, raw: '{}' }]
    const rest = { dueAt: Number.POSITIVE_INFINITY, late: [], quarantine: base === undefined ? refused : [], checkpoints: [], summary: this.#summary() }
    await this.#owned.commit({ base, position, logTime: this.#fold.time.now, outputs: this.#outputs.splice(0), ...rest })
  }

  #summary(): string {
    const { counts, remarks } = this.#fold
    return JSON.stringify({ counts, remarks: remarks.record(), poison: 0, pushOuts: [] })
  }

  async close(): Promise<void> {
    await this.#reader.close()
    await this.folder.close()
    this.home[Symbol.dispose]()
  }

  async #own(): Promise<OwnedPartition> {
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
    await this.#reader.own({ assigned: resolve, revoked: () => undefined })
    return promise
  }
}
