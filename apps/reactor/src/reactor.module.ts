import { type DynamicModule, Module } from '@nestjs/common'
import type { Readiness } from '#process'
import { healthModule } from '../../nest/src/health.module.ts'
import { FeedController } from './feed.controller.ts'
import { FeedTally } from './feed-tally.ts'

/** The reactor as a Nest application. */
@Module({})
class ReactorModule {}

/** Follows the feed and counts its outputs. Webhooks and mail can follow it in the same way. */
export function reactorModule(readiness: Readiness, tally: FeedTally): DynamicModule {
  return {
    module: ReactorModule,
    imports: [healthModule(readiness)],
    controllers: [FeedController],
    providers: [{ provide: FeedTally, useValue: tally }],
  }
}
