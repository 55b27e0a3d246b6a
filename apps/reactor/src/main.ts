import type { MicroserviceOptions } from '@nestjs/microservices'
import { checkAccess, openKafkaLog } from '#event-log'
import {
  appMetrics,
  checkActivityRetention,
  checkDefinitions,
  defectGauge,
  identitiesOf,
  kafkaSettings,
  kafkaSettingsOf,
  knownCyclesSettings,
  LogPoller,
  listeningSettings,
  loggerOf,
  logSettings,
  ReadinessLog,
  readyGauge,
  runApp,
  throttled,
} from '#process'
import { Recency, systemClock } from '#runtime'
import { EventLogStrategy } from '../../nest/src/event-log-strategy.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { liveHttpLimits } from '../../nest/src/live-settings.ts'
import { recordReload } from '../../nest/src/record-reload.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { feedGauges } from './feed-gauges.ts'
import { FeedTally } from './feed-tally.ts'
import { reactorModule } from './reactor.module.ts'

/** A page is read ten times a second. A change of the partition's leader, or a lost answer, takes some seconds. */
const PAGE_AGE_MS_MAX = 10_000

const settings = { ...kafkaSettings, ...knownCyclesSettings, ...listeningSettings(8082), ...logSettings }

await runApp(
  {
    name: 'reactor',
    purpose: 'Rondo reactor: follows the feed of transitions of each cycle. For now it only counts them. Start one process.',
    settings,
    logger: loggerOf('reactor'),
    checks: [checkDefinitions, checkActivityRetention],
    access: (configuration) => checkAccess({ settings: kafkaSettingsOf(configuration, identitiesOf(configuration)), holder: 'reactor' }),
    async start(configuration, { logger, onFailure, signal, tracing }) {
      const settingsOfLog = kafkaSettingsOf(configuration, identitiesOf(configuration))
      const log = await untilReachable(() => openKafkaLog(settingsOfLog), { listening: configuration, logger, signal })
      const partitions = Array.from({ length: configuration.partitions }, (_, partition) => partition)
      const feeds = log.cycles.flatMap((of) => partitions.map((partition) => ({ cycle: of.cycle, partition, feed: of.feed(partition).followed, after: 0 })))
      const alarm = throttled((text) => logger.warn(text))
      const pages = feeds.map(() => new Recency(systemClock))
      const onPage = (number: number): void => pages[number]?.renew()
      const strategy = new EventLogStrategy({ feeds, onPage, onError: ({ message, code }) => alarm(`${message} (${code})`), onFailure, tracing })
      const readiness = (): string | undefined => {
        if (!pages.every(({ isKnown }) => isKnown)) return 'The feed is not followed yet.'
        const ageMs = Math.max(...pages.map((page) => page.ageMs))
        return ageMs > PAGE_AGE_MS_MAX ? `The feed of a partition has not been read for ${Math.round(ageMs / 1000)} s.` : undefined
      }
      const tally = new FeedTally(feeds.map(({ cycle, partition }) => ({ cycle, partition })))
      const poller = new LogPoller({
        watch: log.watch('reactor'),
        topics: ['transitions'],
        requiredRecords: () =>
          tally.partitions.map(({ cycle, partition, cursor }) => ({
            topic: 'transitions',
            cycle,
            partition,
            from: cursor,
            end: cursor,
            neededBy: 'the reactor',
          })),
        onAlarm: alarm,
        onInfo: (text) => logger.info(text),
      })
      const metrics = appMetrics('reactor')
      defectGauge(metrics, poller)
      const unready = () => poller.explained(poller.unreadyReason ?? readiness())
      readyGauge(metrics, unready)
      feedGauges(metrics, tally, pages)
      const module = reactorModule(unready, tally)
      const readinessLog = new ReadinessLog(unready, logger, systemClock)
      const app = await newApp(module, configuration, logger, { metrics, tracing })
      app.connectMicroservice<MicroserviceOptions>({ strategy })
      const address = await listen(app, configuration)
      const metricsListener = await MetricsListener.open(metrics, configuration)
      await app.startAllMicroservices()
      poller.start()
      readinessLog.start()
      const close = async (): Promise<void> => {
        readinessLog.stop()
        await closeApp(app)
        await Promise.all([poller.stop(), metricsListener?.close()])
      }
      const reloading = { live: { ...liveHttpLimits(app, configuration) }, record: recordReload(kafkaSettingsOf(configuration)) }
      return { greeting: `Rondo reactor follows ${feeds.length} feeds; its probes are on ${address}.${metricsListener?.sentence ?? ''}`, close, reloading }
    },
  },
  process.argv.slice(2),
)
