import type { ActivityEvent } from '#contracts'
import type { LogWriter } from '../event-log.ts'
import { partitionOf } from './actor-partition.ts'
import { packFrames } from './frames.ts'

/** The ids of the actors that an event names beside its own, for all cycles that run. */
export type Addresses = (event: ActivityEvent) => readonly string[]

/** Lines that wait to be appended, each to the partition of its actor, and of the actors that it names (rule 22). */
export class PartitionedLines {
  readonly #lines: string[][]
  readonly #addresses: Addresses | undefined

  /** @param addresses undefined if no cycle counts events for actors that they name */
  constructor(partitions: number, addresses?: Addresses) {
    this.#lines = Array.from({ length: partitions }, () => [])
    this.#addresses = addresses
  }

  add(actorId: string, line: string): void {
    this.#lines[this.#partitionOf(actorId)]?.push(line)
  }

  /**
   * Adds an event to the partition of its actor. If it names actors of other partitions, it is added to each of them as well, once, and says for which ids.
   * @param line its JSON
   */
  addEvent(event: ActivityEvent, line: string): void {
    const home = this.#partitionOf(event.actor.id)
    const others = this.#lines.length === 1 ? [] : (this.#addresses?.(event) ?? []).filter((id) => this.#partitionOf(id) !== home)
    const text = others.length === 0 ? line : JSON.stringify({ ...event, addressed: others })
    for (const partition of new Set([home, ...others.map((id) => this.#partitionOf(id))])) this.#lines[partition]?.push(text)
  }

  addTo(partition: number, line: string): void {
    this.#lines[partition]?.push(line)
  }

  /** Adds a line to every partition. */
  addToAll(line: string): void {
    for (const lines of this.#lines) lines.push(line)
  }

  /** Takes the lines of each partition that has any. */
  drain(): [partition: number, lines: string[]][] {
    return [...this.#lines.entries()].flatMap(([partition, lines]): [number, string[]][] => (lines.length === 0 ? [] : [[partition, lines.splice(0)]]))
  }

  #partitionOf(actorId: string): number {
    return partitionOf(actorId, this.#lines.length)
  }
}

/** Appends all lines, packed into frames. */
export async function appendLines(writer: LogWriter, lines: PartitionedLines): Promise<void> {
  await Promise.all(lines.drain().map(([partition, taken]) => writer.append(partition, packFrames(taken))))
}
