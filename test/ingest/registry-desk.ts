import type { RondoError } from '#contracts'
import type { LiveWriter, RegistryView, WriterRegistry } from '#event-log'
import type { SimulatedClock } from '#runtime'

/** The registry as the adapters keep it, in memory, by a clock of its own. */
export class RegistryDesk {
  readonly clock: SimulatedClock
  readonly entries = new Map<string, LiveWriter>()
  readonly readers: Set<string>[] = []
  newestAt: number | undefined
  failure: RondoError | undefined

  constructor(clock: SimulatedClock) {
    this.clock = clock
  }

  registry(): WriterRegistry {
    let withdrawn = new Set<string>()
    this.readers.push(withdrawn)
    return {
      heartbeat: async (heartbeat) => {
        if (this.failure !== undefined) throw this.failure
        this.newestAt = this.clock.now()
        this.entries.set(heartbeat.writer, { ...heartbeat, seenAt: this.newestAt })
        return this.newestAt
      },
      withdraw: async (writer) => {
        this.newestAt = this.clock.now()
        this.entries.delete(writer)
        for (const reader of this.readers) reader.add(writer)
      },
      read: async (): Promise<RegistryView> => {
        const told = withdrawn
        withdrawn = new Set()
        this.readers.splice(this.readers.indexOf(told), 1, withdrawn)
        return { live: [...this.entries.values()], withdrawn: told, newestAt: this.newestAt }
      },
      close: async () => {},
    }
  }
}
