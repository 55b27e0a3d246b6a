import { setTimeout as sleep } from 'node:timers/promises'
import { Gauge, type Registry } from 'prom-client'
import { RondoError } from '#contracts'
import { type DefectReason, defectReasons, type LogDefect, type LogNeed, type LogSight, type LogWatch } from '#event-log'

const LOOK_MS = 5_000
/** Topics are there for all who work on them: these are what each app asks for, not what its neighbours do. */
type Topic = LogDefect['topic']

export interface LogLookoutOptions {
  readonly watch: Pick<LogWatch, 'look' | 'close'>
  /** The topics without which this app cannot do its work. */
  readonly topics: readonly Topic[]
  /** The defects that stand in its way; of others only an alarm tells. */
  readonly grave?: readonly DefectReason[]
  /** What this process goes on from by now. */
  readonly needs: () => readonly LogNeed[]
  /** Done with each look, with what it has found. */
  readonly beside?: (sight: LogSight) => Promise<void>
  readonly onAlarm: (text: string) => void
  readonly onNews: (text: string) => void
}

const GRAVE: readonly DefectReason[] = ['topic-missing', 'records-deleted', 'records-lost']

/** Looks at the topics again and again, and knows what is wrong with them. */
export class LogLookout {
  readonly #options: LogLookoutOptions
  readonly #end = new AbortController()
  #sight: LogSight = { defects: [], activityEnds: [] }
  #done: Promise<void> = Promise.resolve()

  constructor(options: LogLookoutOptions) {
    this.#options = options
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#options.watch.close()
    await this.#done
  }

  /** Where a partition of `activity` ended at the last look; 0 where that is not known. */
  activityEnd(partition: number): number {
    return this.#sight.activityEnds[partition] ?? 0
  }

  /** What stands in the way of a partition, or of all. */
  defectOf(partition: number): LogDefect | undefined {
    return this.#graveDefects.find((defect) => defect.partition === undefined || defect.partition === partition)
  }

  get unreadyReason(): string | undefined {
    const texts = this.#graveDefects.map(({ text }) => text)
    return texts.length === 0 ? undefined : [...new Set(texts)].join(' ')
  }

  get defects(): readonly LogDefect[] {
    return this.#sight.defects
  }

  get #graveDefects(): LogDefect[] {
    const { topics, grave = GRAVE } = this.#options
    return this.#sight.defects.filter(({ reason, topic }) => grave.includes(reason) && topics.includes(topic))
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      try {
        await this.#look()
      } catch (failure) {
        if (!signal.aborted) this.#options.onAlarm(failure instanceof RondoError ? `${failure.message} (${failure.code})` : String(failure))
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const { watch, needs, beside, onAlarm, onNews } = this.#options
    const before = new Set(this.#sight.defects.map(({ text }) => text))
    const sight = await watch.look(needs())
    this.#sight = sight
    for (const { text } of sight.defects) if (!before.delete(text)) onAlarm(text)
    if (sight.defects.length === 0 && before.size > 0) onNews('The topics are again as they should be.')
    await beside?.(sight)
  }
}

/** `rondo_log_faults`: how many of each kind were found at the last look. */
export function defectGauge(registry: Registry, lookout: Pick<LogLookout, 'defects'>): void {
  const gauge = new Gauge({
    name: 'rondo_log_faults',
    help: 'What is wrong with the topics, by kind: topics missing or kept otherwise than declared, records that are needed and are gone',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      for (const reason of defectReasons) gauge.set({ reason }, lookout.defects.filter((defect) => defect.reason === reason).length)
    },
  })
}
