import { type CycleDefinition, RondoError } from '#contracts'
import { compileCycle } from '#cycle'
import type { CycleHistory, HistoryReader } from '#history'
import { narrationOf } from '#projections'
import type { Clock } from '#runtime'
import type { Plan } from '#tracking-plan'
import { Accounting } from '../accounting/accounting.ts'
import { ActorHistory } from '../actors/actor-history.ts'
import { ActorSearch } from '../actors/actor-search.ts'
import { HourlyFlows } from '../cycles/hourly-flows.ts'
import { RemarkList } from '../cycles/remark-list.ts'
import { StageMembers } from '../cycles/stage-members.ts'
import { StageTable } from '../cycles/stage-table.ts'
import { EventList } from '../events/event-list.ts'
import { FeedWatch } from '../feed/feed-watch.ts'
import { TransitionFeed } from '../feed/transition-feed.ts'
import { LateRecords } from '../late/late-records.ts'
import type { LiveBudget } from '../live/live-budget.ts'
import { LiveCycle } from '../live/live-cycle.ts'
import type { AskedHistory } from '../questions/asked-history.ts'
import type { ExportedHistory } from '../questions/history-exports.ts'
import type { ServingSources } from '../sources/serving-sources.ts'

/** A history that a process keeps. */
export type ServedHistory = Pick<CycleHistory, keyof HistoryReader | 'folder' | 'start' | 'stop' | 'cycle' | 'completeTo' | 'foldedTo' | 'failure'>

/** A cycle to be served: the definition by which it was folded, for titles and narration, and where its data are. */
export interface CycleToServe {
  readonly definition: CycleDefinition
  readonly sources: ServingSources
  /** Kept up to date by this process; undefined if there is none. It is started and stopped with the application. */
  readonly history?: ServedHistory | undefined
}

/** One cycle, with everything that is read of it over HTTP. */
export class ServedCycle {
  readonly name: string
  readonly definition: CycleDefinition
  readonly actorType: string
  readonly table: StageTable
  readonly members: StageMembers
  readonly flows: HourlyFlows
  readonly histories: ActorHistory
  readonly remarks: RemarkList
  readonly events: EventList
  readonly feed: TransitionFeed
  readonly late: LateRecords
  readonly live: LiveCycle
  /** For questions about ranges of time. */
  readonly asked: AskedHistory
  readonly accounting: Accounting
  readonly #history: ServedHistory | undefined
  readonly #watch: FeedWatch
  readonly #sources: ServingSources

  constructor({ definition, sources, history }: CycleToServe, { clock, plan, budget }: { clock: Clock; plan: Plan | undefined; budget: LiveBudget }) {
    const { models, feed, late, pollMs } = sources
    const narration = narrationOf(definition)
    const cycle = compileCycle(definition)
    this.name = definition.cycle
    this.definition = definition
    this.actorType = cycle.actorType
    this.#sources = sources
    this.#history = history
    this.#watch = new FeedWatch(feed, pollMs)
    this.table = new StageTable(definition, narration, { models, building: sources.building, clock })
    this.members = new StageMembers(definition, models, clock)
    this.flows = new HourlyFlows(definition, models, clock)
    this.histories = new ActorHistory(narration, models, { clock, search: new ActorSearch(cycle, sources.newest) })
    this.remarks = new RemarkList(cycle, sources.partitionMetadata)
    this.events = new EventList({ cycle, names: sources.names, partitionMetadata: sources.partitionMetadata, plan })
    this.feed = new TransitionFeed(feed, this.#watch, narration)
    this.late = new LateRecords(late)
    this.accounting = new Accounting({ definition, models, history, clock })
    this.live = new LiveCycle({ definition, feed, watch: this.#watch, models, narration, clock }, budget)
    const required = (): HistoryReader => this.requiredHistory
    this.asked = {
      definition,
      narration,
      models,
      clock,
      get history() {
        return required()
      },
    }
  }

  /** What is asked over ranges of time; undefined if there is no history here. */
  get history(): HistoryReader | undefined {
    return this.#history
  }

  /** The history, for a question that has no answer without it. @throws RondoError RONDO_HISTORY_UNAVAILABLE with the remedy */
  get requiredHistory(): HistoryReader {
    if (this.#history !== undefined) return this.#history
    const remedy = 'serving on Kafka keeps it in a folder of its own (RONDO_HISTORY=FOLDER), and one process in its data folder unless RONDO_HISTORY=off'
    throw new RondoError('RONDO_HISTORY_UNAVAILABLE', `There is no history of the cycle ${this.name} here: ${remedy}.`)
  }

  /** The history for exports. @throws RondoError as {@link requiredHistory} */
  get exported(): ExportedHistory {
    return { cycle: this.name, reader: this.requiredHistory, folder: this.#history?.folder ?? '' }
  }

  start(): void {
    this.#history?.start()
    this.accounting.start()
  }

  /** Answers the requests that wait for outputs, and ends the live streams. */
  endWaits(): void {
    this.live.close()
    this.#watch.close()
  }

  async close(): Promise<void> {
    await Promise.all([this.accounting.stop(), this.#history?.stop()])
    await this.#sources.close()
  }
}
