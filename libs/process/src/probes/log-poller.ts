import { Gauge, type Registry } from 'prom-client'
import { RondoError } from '#contracts'
import { type DefectReason, defectReasons, type LogDefect, type LogStatus, type LogWatch, type RequiredRecords } from '#event-log'
import { poll } from '#runtime'
import { Refusal } from './refusal.ts'

/** How often the state of the log is read. */
const POLL_MS = 5_000
/** The name of a topic without its prefix. */
type Topic = LogDefect['topic']

/** What an app needs from the topics, and what a {@link LogPoller} calls. */
export interface LogPollerOptions {
  readonly watch: Pick<LogWatch, 'poll' | 'close'>
  /** The topics without which this app cannot do its work. */
  readonly topics: readonly Topic[]
  /** The defects that make the app unready; others only raise an alarm. */
  readonly blocking?: readonly DefectReason[]
  /** The records from which this process would continue now. */
  readonly requiredRecords: () => readonly RequiredRecords[]
  /** Called after each poll. */
  readonly onPoll?: (status: LogStatus) => Promise<void>
  readonly onAlarm: (text: string) => void
  readonly onInfo: (text: string) => void
}

const BLOCKING_BY_DEFAULT: readonly DefectReason[] = ['topic-missing', 'right-missing', 'records-deleted', 'records-lost']

/** Polls the topics and keeps the defects that the last poll has found. */
export class LogPoller {
  readonly #options: LogPollerOptions
  readonly #end = new AbortController()
  #status: LogStatus = { defects: [], activityEnds: [] }
  readonly #refusal = new Refusal()
  #polling: Promise<void> = Promise.resolve()

  constructor(options: LogPollerOptions) {
    this.#options = options
  }

  start(): void {
    const onFailure = (failure: unknown): void => {
      this.#refusal.note(failure)
      this.#options.onAlarm(failure instanceof RondoError ? `${failure.message} (${failure.code})` : String(failure))
    }
    this.#polling = poll(() => this.#poll(), { pauseMs: POLL_MS, signal: this.#end.signal, onFailure })
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#options.watch.close()
    await this.#polling
  }

  /** The end of a partition of `activity` at the last poll; 0 if it is not known. */
  activityEnd(partition: number): number {
    return this.#status.activityEnds[partition] ?? 0
  }

  /** A blocking defect of this partition, or of all partitions. @param cycle the topics of other cycles are left out */
  defectOf(partition: number, cycle?: string): LogDefect | undefined {
    const isIn = (defect: LogDefect): boolean => defect.partition === undefined || defect.partition === partition
    const isOf = (defect: LogDefect): boolean => cycle === undefined || defect.cycle === undefined || defect.cycle === cycle
    return this.#blockingDefects.find((defect) => isIn(defect) && isOf(defect))
  }

  /** A reason why the app is not ready, with what the brokers refuse, if they do. */
  explained(reason: string | undefined): string | undefined {
    return this.#refusal.explained(reason)
  }

  get unreadyReason(): string | undefined {
    const texts = this.#blockingDefects.map(({ text }) => text)
    return texts.length === 0 ? undefined : [...new Set(texts)].join(' ')
  }

  get defects(): readonly LogDefect[] {
    return this.#status.defects
  }

  get #blockingDefects(): LogDefect[] {
    const { topics, blocking = BLOCKING_BY_DEFAULT } = this.#options
    return this.#status.defects.filter(({ reason, topic }) => blocking.includes(reason) && topics.includes(topic))
  }

  async #poll(): Promise<void> {
    const { watch, requiredRecords, onPoll, onAlarm, onInfo } = this.#options
    const before = new Set(this.#status.defects.map(({ text }) => text))
    const status = await watch.poll(requiredRecords())
    this.#status = status
    this.#refusal.clear()
    for (const { text } of status.defects) if (!before.delete(text)) onAlarm(text)
    if (status.defects.length === 0 && before.size > 0) onInfo('The topics are again as they should be.')
    await onPoll?.(status)
  }
}

/** `rondo_log_faults`: the number of defects of each kind at the last poll. */
export function defectGauge(registry: Registry, poller: Pick<LogPoller, 'defects'>): void {
  const gauge = new Gauge({
    name: 'rondo_log_faults',
    help: 'What is wrong with the topics, by kind: topics missing, kept otherwise than declared or not permitted, records that are needed and are gone',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      for (const reason of defectReasons) gauge.set({ reason }, poller.defects.filter((defect) => defect.reason === reason).length)
    },
  })
}
