import type { LogWriter } from '../event-log.ts'
import { partitionOf } from './actor-partition.ts'
import { packFrames } from './frames.ts'

/** Lines that wait to be appended, each to the partition of its actor. */
export class PartitionedLines {
  readonly #lines: string[][]

  constructor(partitions: number) {
    this.#lines = Array.from({ length: partitions }, () => [])
  }

  add(actorId: string, line: string): void {
    this.#lines[partitionOf(actorId, this.#lines.length)]?.push(line)
  }

  /** Adds a line to every partition. */
  addToAll(line: string): void {
    for (const lines of this.#lines) lines.push(line)
  }

  /** Takes the lines of each partition that has any. */
  drain(): [partition: number, lines: string[]][] {
    return [...this.#lines.entries()].flatMap(([partition, lines]): [number, string[]][] => (lines.length === 0 ? [] : [[partition, lines.splice(0)]]))
  }
}

/** Appends all lines, packed into frames. */
export async function appendLines(writer: LogWriter, lines: PartitionedLines): Promise<void> {
  await Promise.all(lines.drain().map(([partition, taken]) => writer.append(partition, packFrames(taken))))
}
