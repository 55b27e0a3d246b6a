import type { LogRecord } from './oracle.ts'

/** The share of events that have the time of another event of their actor, not counting copies. */
export class EqualTimes {
  private events = 0
  private sharing = 0

  add(log: readonly LogRecord[]): void {
    const events = log.flatMap((record) => ('record' in record ? [] : [record]))
    for (const group of Map.groupBy(events, ({ actor, time }) => JSON.stringify([actor, time])).values()) {
      const distinct = new Set(group.map(({ id }) => id)).size
      this.events += distinct
      if (distinct > 1) this.sharing += distinct
    }
  }

  get share(): number {
    return this.sharing / this.events
  }
}
