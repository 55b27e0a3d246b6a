import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CycleDefinition } from '#contracts'
import type { DataFolder } from '#event-log'
import type { Clock } from '#runtime'
import type { Plan } from '#tracking-plan'
import { KeyLife } from '../../nest/src/access/key-life.ts'
import { type CountedCycle, stageGauge } from './cycles/stage-gauge.ts'
import { LiveBudget, type LiveLimits } from './live/live-budget.ts'
import { liveGauges } from './live/live-gauges.ts'
import { PageController } from './page/page.controller.ts'
import { PageFiles } from './page/page-files.ts'
import { ActorsController } from './routes/actors.controller.ts'
import { CyclesController } from './routes/cycles.controller.ts'
import { EventsController } from './routes/events.controller.ts'
import { LateController } from './routes/late.controller.ts'
import { LiveController } from './routes/live.controller.ts'
import { TransitionsController } from './routes/transitions.controller.ts'
import { type CycleToServe, ServedCycle } from './served/served-cycle.ts'
import { ServedCycles } from './served/served-cycles.ts'
import { folderSources } from './sources/folder-sources.ts'

export { liveSetting } from './live/live-setting.ts'
export { folderSources }

/** What all kinds of serving need. */
interface Served {
  readonly clock: Clock
  /** Gets the counts of the stages. */
  readonly metrics?: Registry | undefined
  /** The tracking plan, to show it beside the events. */
  readonly plan?: Plan | undefined
  /** The limits of live streams, where they are not the usual ones. */
  readonly live?: Partial<LiveLimits> | undefined
}

/** What serving a data folder needs. */
export interface ServingOptions extends Served {
  /** The folder whose states are served. It is to be closed after the application. */
  readonly folder: Pick<DataFolder, 'states' | 'writer'>
  /** The definition of each of its states, in their order. */
  readonly definitions: readonly CycleDefinition[]
}

/** Shows a cycle. */
type Show = (cycle: CycleToServe) => void
const SHOW = Symbol('show')

/** Everything that is read over HTTP: counts, histories, the feed, late events, and the page. */
@Module({})
export class ServingModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(ServedCycles) private readonly served: ServedCycles,
    @Inject(SHOW) private readonly show: Show,
    @Inject(LiveBudget) private readonly budget: LiveBudget,
  ) {}

  static register({ folder, definitions, ...others }: ServingOptions): DynamicModule {
    const cycles = folder.states.flatMap((state, at): CycleToServe[] => {
      const definition = definitions[at]
      return definition === undefined ? [] : [{ definition, sources: folderSources(folder, state) }]
    })
    return ServingModule.over({ cycles, ...others })
  }

  /** @param cycles each with its own sources, in the order in which they are listed */
  static over({ cycles, clock, metrics, plan, live }: Served & { readonly cycles: readonly CycleToServe[] }): DynamicModule {
    const budget = new LiveBudget(live)
    const served = new ServedCycles([])
    const counted: CountedCycle[] = []
    const show: Show = (cycle) => {
      served.add(new ServedCycle(cycle, { clock, plan, budget }))
      counted.push({ definition: cycle.definition, models: cycle.sources.models })
    }
    for (const cycle of cycles) show(cycle)
    if (metrics !== undefined) {
      stageGauge(metrics, counted)
      liveGauges(metrics, () => served.all.map(({ name }) => name), budget)
    }
    return {
      module: ServingModule,
      controllers: [CyclesController, ActorsController, TransitionsController, LateController, LiveController, EventsController, PageController],
      providers: [
        { provide: ServedCycles, useValue: served },
        { provide: SHOW, useValue: show },
        KeyLife,
        { provide: LiveBudget, useValue: budget },
        { provide: PageFiles, useValue: new PageFiles() },
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
  }

  /** Requests that wait for outputs are answered, or the server would wait for them. */
  beforeApplicationShutdown(): void {
    for (const cycle of this.served.all) cycle.endWaits()
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.served.all.map((cycle) => cycle.close()))
  }
}
