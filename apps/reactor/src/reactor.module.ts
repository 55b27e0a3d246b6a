import { type DynamicModule, Module } from '@nestjs/common'
import { healthModule, type Readiness } from '../../chassis/src/health.module.ts'
import { appMetrics, metricsModule } from '../../chassis/src/metrics.module.ts'
import { FeedController } from './feed.controller.ts'
import { FeedTally } from './feed-tally.ts'

@Module({})
class ReactorModule {}

/** What follows the feed. So far it counts; webhooks and mail will follow it in the same way. */
export function reactorModule(readiness: Readiness): DynamicModule {
  return {
    module: ReactorModule,
    imports: [healthModule(readiness), metricsModule(appMetrics())],
    controllers: [FeedController],
    providers: [{ provide: FeedTally, useValue: new FeedTally() }],
  }
}
