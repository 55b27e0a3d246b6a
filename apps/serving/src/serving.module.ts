import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CycleDefinition } from '#contracts'
import type { DataFolder, FolderState } from '#event-log'
import type { CycleHistory } from '#history'
import type { Clock } from '#runtime'
import type { Plan } from '#tracking-plan'
import { KeyLife } from '../../nest/src/access/key-life.ts'
import { accountingGauge } from './accounting/accounting-gauge.ts'
import { type CountedCycle, stageGauge } from './cycles/stage-gauge.ts'
import { FolderHistories, type FolderHistoryOptions } from './history/folder-histories.ts'
import type { HistoryWatch } from './history/history-watch.ts'
import { LiveBudget, type LiveLimits } from './live/live-budget.ts'
import { liveGauges } from './live/live-gauges.ts'
import { EmbedController } from './page/embed.controller.ts'
import { embedSetting } from './page/embed-setting.ts'
import { Embedding } from './page/embedding.ts'
import { PageController } from './page/page.controller.ts'
import { PageFiles } from './page/page-files.ts'
import { HistoryExports } from './questions/history-exports.ts'
import { ActorsController } from './routes/actors.controller.ts'
import { CyclesController } from './routes/cycles.controller.ts'
import { EventsController } from './routes/events.controller.ts'
import { ExportsController } from './routes/exports.controller.ts'
import { LateController } from './routes/late.controller.ts'
import { LiveController } from './routes/live.controller.ts'
import { QuestionsController } from './routes/questions.controller.ts'
import { StatisticsController } from './routes/statistics.controller.ts'
import { TransitionsController } from './routes/transitions.controller.ts'
import { type CycleToServe, ServedCycle, type ServedHistory } from './served/served-cycle.ts'
import { ServedCycles } from './served/served-cycles.ts'
import { folderSources } from './sources/folder-sources.ts'

export { liveSetting } from './live/live-setting.ts'
export { embedSetting, folderSources }

/** What all kinds of serving need. */
interface Served {
  readonly clock: Clock
  /** Gets the counts of the stages. */
  readonly metrics?: Registry | undefined
  /** The tracking plan, to show it beside the events. */
  readonly plan?: Plan | undefined
  /** The limits of live streams, where they are not the usual ones. */
  readonly live?: Partial<LiveLimits> | undefined
  /** Web pages of these origins may show the dashboard in a frame. */
  readonly embedOrigins?: readonly string[] | undefined
  /** What happens to the histories of the cycles. */
  readonly historyWatch?: HistoryWatch | undefined
}

/** What serving a data folder needs. */
export interface ServingOptions extends Served {
  /** The folder whose states are served. It is to be closed after the application. */
  readonly folder: Pick<DataFolder, 'path' | 'states' | 'writer'>
  /** The definition of each of its states, in their order. */
  readonly definitions: readonly CycleDefinition[]
  /** Keeps a history of each cycle in the folder; without it there is none. */
  readonly history?: FolderHistoryOptions | undefined
}

/** Shows a cycle. */
type Show = (cycle: CycleToServe) => void
const SHOW = Symbol('show')
/** Gives the history of a cycle of the folder; undefined if none is kept. */
type HistoryOf = (definition: CycleDefinition, state: Pick<FolderState, 'stateReader'>) => CycleHistory | undefined
const HISTORY_OF = Symbol('history of')

/** Everything that is read over HTTP: counts, histories, the feed, late events, and the page. */
@Module({})
export class ServingModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(ServedCycles) private readonly served: ServedCycles,
    @Inject(SHOW) private readonly show: Show,
    @Inject(LiveBudget) private readonly budget: LiveBudget,
    @Inject(HISTORY_OF) readonly historyOf: HistoryOf,
  ) {}

  static register({ folder, definitions, history, ...others }: ServingOptions): DynamicModule {
    const histories = history && new FolderHistories(folder, history)
    const historyOf: HistoryOf = (definition, state) => histories?.of(definition, state)
    const cycles = folder.states.flatMap((state, at): CycleToServe[] => {
      const definition = definitions[at]
      return definition === undefined ? [] : [{ definition, sources: folderSources(folder, state), history: historyOf(definition, state) }]
    })
    return ServingModule.over({ cycles, historyWatch: histories?.watch, ...others }, historyOf)
  }

  /** @param cycles each with its own sources, in the order in which they are listed */
  static over(
    { cycles, clock, metrics, plan, live, embedOrigins, historyWatch }: Served & { readonly cycles: readonly CycleToServe[] },
    historyOf: HistoryOf = () => undefined,
  ): DynamicModule {
    const budget = new LiveBudget(live)
    const served = new ServedCycles([])
    const counted: CountedCycle[] = []
    const histories: ServedHistory[] = []
    const show: Show = (cycle) => {
      served.add(new ServedCycle(cycle, { clock, plan, budget }))
      counted.push({ definition: cycle.definition, models: cycle.sources.models })
      if (cycle.history !== undefined) histories.push(cycle.history)
    }
    for (const cycle of cycles) show(cycle)
    if (metrics !== undefined) {
      stageGauge(metrics, counted)
      if (histories.length > 0) historyWatch?.register(metrics, histories)
      liveGauges(metrics, () => served.all.map(({ name }) => name), budget)
      accountingGauge(metrics, () => served.all)
    }
    return {
      module: ServingModule,
      controllers: [
        CyclesController,
        QuestionsController,
        StatisticsController,
        ExportsController,
        ActorsController,
        TransitionsController,
        LateController,
        LiveController,
        EventsController,
        PageController,
        EmbedController,
      ],
      providers: [
        { provide: ServedCycles, useValue: served },
        { provide: SHOW, useValue: show },
        KeyLife,
        { provide: HistoryExports, useValue: new HistoryExports() },
        { provide: LiveBudget, useValue: budget },
        { provide: HISTORY_OF, useValue: historyOf },
        { provide: PageFiles, useValue: new PageFiles() },
        { provide: Embedding, useValue: new Embedding(embedOrigins) },
      ],
    }
  }

  /** Changes how many live streams there may be. Those that are open stay. */
  limitLiveClients(clients: number): void {
    this.budget.limitClients(clients)
  }

  /** Shows another cycle from now on, behind the others. Its sources are closed with the application. */
  add(cycle: CycleToServe): void {
    this.show(cycle)
    this.served.all.at(-1)?.start()
  }

  onApplicationBootstrap(): void {
    for (const cycle of this.served.all) cycle.start()
  }

  /** Requests that wait for outputs are answered, or the server would wait for them. */
  beforeApplicationShutdown(): void {
    for (const cycle of this.served.all) cycle.endWaits()
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.served.all.map((cycle) => cycle.close()))
  }
}
