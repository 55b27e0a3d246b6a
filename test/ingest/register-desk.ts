import type { RondoError } from '#contracts'
import type { Register, StandingWriter, WriterRegistry } from '#event-log'
import type { SimulatedClock } from '#runtime'

/** The register as the adapters keep it, in memory, by a clock of its own. */
export class RegisterDesk {
  readonly clock: SimulatedClock
  readonly entries = new Map<string, StandingWriter>()
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
      sign: async (sign) => {
        if (this.failure !== undefined) throw this.failure
        this.newestAt = this.clock.now()
        this.entries.set(sign.writer, { ...sign, seenAt: this.newestAt })
        return this.newestAt
      },
      withdraw: async (writer) => {
        this.newestAt = this.clock.now()
        this.entries.delete(writer)
        for (const reader of this.readers) reader.add(writer)
      },
      read: async (): Promise<Register> => {
        const told = withdrawn
        withdrawn = new Set()
        this.readers.splice(this.readers.indexOf(told), 1, withdrawn)
        return { standing: [...this.entries.values()], withdrawn: told, newestAt: this.newestAt }
      },
      close: async () => {},
    }
  }
}
