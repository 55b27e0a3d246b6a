import type { DatabaseSync } from 'node:sqlite'
import type { EventName, Position } from '#contracts'
import { inPhase } from '#runtime'
import type { CheckpointPart, CommitBatch, CommitOutcome } from '../event-log.ts'
import { nameKey } from '../name-key.ts'
import { checksum } from './checksum.ts'
import { inTransaction, joinDatabase } from './database-file.ts'
import { OutputFrames } from './output-frames.ts'
import type { ReadModelTables, ReadModelWriter } from './read-model-tables.ts'
import { damaged, withinFile } from './sqlite-failure.ts'
import { stateFile } from './state-file.ts'

/** How many refused records of the log are kept, the newest. Each has at most 64 KiB of text. */
const QUARANTINE_MAX = 10_000

/** A row with these columns; undefined if the statement gives none. */
type Row<Columns extends string> = Record<Columns, unknown> | undefined

/** The connection of the thread that folds: fences, positions, checkpoints, and the transaction that publishes a batch. */
export class StateStore {
  readonly path: string
  readonly #db: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>
  readonly #outputs: OutputFrames
  readonly #readModelWriter: ReadModelWriter | undefined

  constructor(path: string, readModelTables?: ReadModelTables) {
    this.path = path
    this.#db = joinDatabase(this.path, stateFile, 'write')
    this.#statements = withinFile(this.path, () => prepare(this.#db))
    this.#outputs = withinFile(this.path, () => new OutputFrames(this.#db, this.path))
    this.#readModelWriter = withinFile(this.path, () => readModelTables?.prepare(this.#db, this.#outputs))
  }

  /** Takes a partition from its owner: commits of a smaller epoch are refused after this. */
  fence(partition: number): number {
    return withinFile(this.path, () => Number(this.#statements.fence.get(partition)?.['epoch']))
  }

  committed(partition: number): Position | undefined {
    const position = this.#partition(partition)?.position
    return position === undefined ? undefined : (JSON.parse(position) as Position)
  }

  partitionMetadata(partition: number): string | undefined {
    return this.#partition(partition)?.partitionMetadata
  }

  names(partition: number): EventName[] {
    return withinFile(this.path, () => this.#statements.names.all(partition).map(({ record }) => JSON.parse(record as string) as EventName))
  }

  checkpointAfter(partition: number, after: number): CheckpointPart | undefined {
    return withinFile(this.path, () => {
      const row = this.#statements.checkpointAfter.get(partition, after) as Row<'bucket' | 'stamp' | 'crc' | 'bytes'>
      if (row === undefined) return undefined
      const part = { bucket: row.bucket as number, metadata: row.stamp as string, bytes: row.bytes as Uint8Array }
      if (row.crc !== checksum(partition, part.bucket, part.metadata, part.bytes)) {
        throw damaged(this.path, `the checkpoint of bucket ${part.bucket} of partition ${partition} is not what was written`)
      }
      return part
    })
  }

  commit(partition: number, epoch: number, batch: CommitBatch): CommitOutcome {
    return withinFile(this.path, () => inPhase('state-transaction', () => inTransaction(this.#db, () => this.#apply(partition, epoch, batch))))
  }

  /** Does one part of the rebuild of read models; false if nothing was left. */
  catchUp(): boolean {
    const writer = this.#readModelWriter
    if (writer === undefined) return false
    return withinFile(this.path, () => inPhase('catch-up', () => inTransaction(this.#db, () => writer.catchUp())))
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #apply(partition: number, epoch: number, batch: CommitBatch): CommitOutcome {
    const stored = this.#partition(partition)
    if (stored?.epoch !== epoch) return 'lost'
    const position = positionText(batch.position)
    if (stored.position !== (batch.previousPosition && positionText(batch.previousPosition))) return stored.position === position ? 'committed' : 'lost'
    const firstOutputCursor = this.#publish(batch)
    if (batch.checkpoints.length > 0) inPhase('checkpoint', () => this.#putCheckpoints(partition, batch.checkpoints))
    for (const record of batch.names) this.#statements.putName.run(partition, nameKey(record), JSON.stringify(record))
    this.#statements.putPosition.run(position, batch.partitionMetadata, checksum(partition, position, batch.partitionMetadata), partition)
    this.#readModelWriter?.apply(partition, batch, firstOutputCursor)
    return 'committed'
  }

  /** @returns the feed cursor of the first output */
  #publish(batch: CommitBatch): number {
    const { putLate, putQuarantine, trimQuarantine } = this.#statements
    const firstOutputCursor = this.#outputs.append(batch.outputs.map((output) => JSON.stringify(output)))
    for (const record of batch.late) putLate.run(JSON.stringify(record))
    for (const record of batch.quarantine) putQuarantine.run(JSON.stringify(record))
    if (batch.quarantine.length > 0) trimQuarantine.run(QUARANTINE_MAX)
    return firstOutputCursor
  }

  #putCheckpoints(partition: number, parts: readonly CheckpointPart[]): void {
    for (const { bucket, metadata, bytes } of parts) {
      this.#statements.putCheckpoint.run(partition, bucket, metadata, checksum(partition, bucket, metadata, bytes), bytes)
    }
  }

  #partition(partition: number): { epoch: number; position: string | undefined; partitionMetadata: string | undefined } | undefined {
    return withinFile(this.path, () => {
      const row = this.#statements.partition.get(partition) as Row<'epoch' | 'position' | 'summary' | 'crc'>
      if (row === undefined) return undefined
      const [position, partitionMetadata] = [(row.position ?? undefined) as string | undefined, (row.summary ?? undefined) as string | undefined]
      if (position !== undefined && row.crc !== checksum(partition, position, partitionMetadata ?? '')) {
        throw damaged(this.path, `the position of partition ${partition} is not what was written`)
      }
      return { epoch: row.epoch as number, position, partitionMetadata }
    })
  }
}

/** One text for equal positions, for any order of keys in the objects. */
function positionText({ offset, index, cursor }: Position): string {
  const fired = cursor && { deadline: cursor.deadline, actor: { type: cursor.actor.type, id: cursor.actor.id } }
  return JSON.stringify({ offset, index, cursor: fired })
}

/** The prepared statements. The columns `summary` and `stamp` have the older names of partition metadata and checkpoint metadata. */
function prepare(db: DatabaseSync) {
  return {
    fence: db.prepare('INSERT INTO partitions (partition, epoch) VALUES (?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch'),
    partition: db.prepare('SELECT epoch, position, summary, crc FROM partitions WHERE partition = ?'),
    putPosition: db.prepare('UPDATE partitions SET position = ?, summary = ?, crc = ? WHERE partition = ?'),
    putName: db.prepare('INSERT INTO names (partition, name, record) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record'),
    names: db.prepare('SELECT record FROM names WHERE partition = ?'),
    putLate: db.prepare('INSERT INTO late (record) VALUES (?)'),
    putQuarantine: db.prepare('INSERT INTO quarantine (record) VALUES (?)'),
    trimQuarantine: db.prepare('DELETE FROM quarantine WHERE "cursor" <= (SELECT max("cursor") FROM quarantine) - ?'),
    putCheckpoint: db.prepare(`INSERT INTO checkpoints (partition, bucket, stamp, crc, bytes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET stamp = excluded.stamp, crc = excluded.crc, bytes = excluded.bytes`),
    checkpointAfter: db.prepare('SELECT bucket, stamp, crc, bytes FROM checkpoints WHERE partition = ? AND bucket > ? ORDER BY bucket LIMIT 1'),
  }
}
