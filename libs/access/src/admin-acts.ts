import type { AdminRecord } from '#contracts'
import type { AdminLog } from './admin-log.ts'

/** The administrative acts of one Rondo in the memory of one process. What follows from them, such as keys, gets each act once, in their order. */
export class AdminActs {
  readonly #log: AdminLog
  readonly #acts: AdminRecord[] = []
  readonly #followers: ((act: AdminRecord) => void)[] = []
  #reading: Promise<void> = Promise.resolve()

  constructor(log: AdminLog) {
    this.#log = log
  }

  /** All acts so far: the audit log. */
  get all(): readonly AdminRecord[] {
    return this.#acts
  }

  /** Calls `apply` for each act, also for those that were read before. */
  follow(apply: (act: AdminRecord) => void): void {
    for (const act of this.#acts) apply(act)
    this.#followers.push(apply)
  }

  /** Reads the new acts of all processes. @throws RondoError as {@link AdminLog.read} */
  refresh(): Promise<void> {
    const turn = this.#reading.then(async () => {
      for (const act of await this.#log.read()) {
        // A receipt can name many thousand refused events. Quarantine reads them itself.
        this.#acts.push('items' in act ? { ...act, items: [] } : act)
        for (const apply of this.#followers) apply(act)
      }
    })
    this.#reading = turn.catch(() => {})
    return turn
  }

  /** Resolves when the act is durable and applied, with all acts before it. @throws RondoError as {@link AdminLog.append} */
  async append(act: AdminRecord): Promise<void> {
    await this.#log.append(act)
    await this.refresh()
  }
}
