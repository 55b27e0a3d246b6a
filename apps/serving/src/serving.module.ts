import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CycleDefinition } from '#contracts'
import { compileCycle } from '#cycle'
import type { DataFolder } from '#event-log'
import { narrationOf } from '#projections'
import type { Clock } from '#runtime'
import type { Plan } from '#tracking-plan'
import { ActorHistory } from './actors/actor-history.ts'
import { ActorSearch } from './actors/actor-search.ts'
import { ActorsController } from './actors/actors.controller.ts'
import { CyclesController } from './cycles/cycles.controller.ts'
import { HourlyFlows } from './cycles/hourly-flows.ts'
import { RemarkList } from './cycles/remark-list.ts'
import { stageGauge } from './cycles/stage-gauge.ts'
import { StageMembers } from './cycles/stage-members.ts'
import { StageTable } from './cycles/stage-table.ts'
import { EventList } from './events/event-list.ts'
import { EventsController } from './events/events.controller.ts'
import { FeedWatch } from './feed/feed-watch.ts'
import { TransitionFeed } from './feed/transition-feed.ts'
import { TransitionsController } from './feed/transitions.controller.ts'
import { LateController } from './late/late.controller.ts'
import { LateRecords } from './late/late-records.ts'
import { PageController } from './page/page.controller.ts'
import { PageFiles } from './page/page-files.ts'
import { folderSources } from './sources/folder-sources.ts'
import type { ServingSources } from './sources/serving-sources.ts'

const SOURCES = Symbol('sources')

/** What all kinds of serving need. */
interface Served {
  /** The definition by which it was folded, for titles and narration. */
  readonly definition: CycleDefinition
  readonly clock: Clock
  /** Gets the counts of the stages. */
  readonly metrics?: Registry | undefined
  /** The tracking plan, to show it beside the events. */
  readonly plan?: Plan | undefined
}

/** What serving a data folder needs. */
export interface ServingOptions extends Served {
  /** The folder whose state is served. It is to be closed after the application. */
  readonly folder: Pick<DataFolder, 'stateReader' | 'writer'>
}

/** Everything that is read over HTTP: counts, histories, the feed, late events, and the page. */
@Module({})
export class ServingModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(FeedWatch) private readonly watch: FeedWatch,
    @Inject(SOURCES) private readonly sources: ServingSources,
  ) {}

  static register({ folder, ...served }: ServingOptions): DynamicModule {
    return ServingModule.over({ sources: folderSources(folder), ...served })
  }

  static over({ sources, definition, clock, metrics, plan }: Served & { readonly sources: ServingSources }): DynamicModule {
    const { models, feed, late, pollMs } = sources
    const narration = narrationOf(definition)
    const cycle = compileCycle(definition)
    const watch = new FeedWatch(feed, pollMs)
    if (metrics !== undefined) stageGauge(metrics, [{ definition, models }])
    return {
      module: ServingModule,
      controllers: [CyclesController, ActorsController, TransitionsController, LateController, EventsController, PageController],
      providers: [
        { provide: SOURCES, useValue: sources },
        { provide: FeedWatch, useValue: watch },
        { provide: StageTable, useValue: new StageTable(definition, narration, models, clock) },
        { provide: StageMembers, useValue: new StageMembers(definition, models, clock) },
        { provide: HourlyFlows, useValue: new HourlyFlows(definition, models, clock) },
        { provide: ActorHistory, useValue: new ActorHistory(narration, models, { clock, search: new ActorSearch(cycle, sources.newest) }) },
        { provide: RemarkList, useValue: new RemarkList(definition, cycle, sources.partitionMetadata) },
        { provide: EventList, useValue: new EventList({ cycle, names: sources.names, plan }) },
        { provide: TransitionFeed, useValue: new TransitionFeed(feed, watch, narration) },
        { provide: LateRecords, useValue: new LateRecords(late) },
        { provide: PageFiles, useValue: new PageFiles() },
      ],
    }
  }

  /** Requests that wait for outputs are answered, or the server would wait for them. */
  beforeApplicationShutdown(): void {
    this.watch.close()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sources.close()
  }
}
