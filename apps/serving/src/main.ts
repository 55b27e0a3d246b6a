import type { RondoError } from '#contracts'
import { identityOf } from '#cycle'
import { openKafkaAdminLog, openKafkaLog } from '#event-log'
import {
  asRondoError,
  checkActivityRetention,
  checkDefinitions,
  definitionSettings,
  kafkaSettings,
  kafkaSettingsOf,
  LogPoller,
  listeningSettings,
  loggerOf,
  logSettings,
  ReadinessLog,
  readOnlyDefinition,
  redisAddress,
  runApp,
  Stalls,
  stallSetting,
  throttled,
} from '#process'
import { GenerationHandover, generationName, openRedisProjections, Rebuilds, rebuildText } from '#projections'
import { Quarantine } from '#quarantine'
import { systemClock } from '#runtime'
import { accessSettings, checkKeys } from '../../nest/src/access/key-setting.ts'
import { openAccess } from '../../nest/src/access/open-access.ts'
import { openRates, redisSettings } from '../../nest/src/access/open-rates.ts'
import { planCheck } from '../../nest/src/access/plan-check.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { foldsOfGroup } from '../../nest/src/quarantine/folds-of-group.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { distributedServingModule } from './distributed-serving.module.ts'
import { servingMetrics } from './serving-metrics.ts'
import { clusterSources } from './sources/cluster-sources.ts'
import { stallCauseOf } from './stall-cause.ts'

const settings = {
  ...kafkaSettings,
  ...listeningSettings(8083),
  ...logSettings,
  ...accessSettings,
  ...definitionSettings,
  ...stallSetting,
  redis: redisAddress().describe('where the read models lie and all processes of this app count requests together, redis://host:port'),
  ...redisSettings,
}

await runApp(
  {
    name: 'serving',
    purpose:
      'Rondo serving: stage counts, histories and the feed over HTTP, from read models in Redis that it brings up to the feed itself. Start as many as are asked.',
    settings,
    logger: loggerOf('serving'),
    checks: [checkKeys, checkDefinitions, checkActivityRetention],
    async start(configuration, { logger, onFailure, signal, tracing }) {
      const { definition, cycle } = readOnlyDefinition(configuration.definition, configuration)
      const { partitions, prefix, redis: url, redisCluster, redisPrefix } = configuration
      const settingsOfLog = kafkaSettingsOf(configuration, identityOf(cycle, configuration.generation))
      const log = await untilReachable(() => openKafkaLog(settingsOfLog), { listening: configuration, logger, signal })
      const alarm = throttled((text) => logger.warn(text))
      const acts = await openKafkaAdminLog(kafkaSettingsOf(configuration), alarm)
      const rates = await openRates({ settings: configuration, app: 'serving', logger })
      const opened = await openAccess({ log: acts, isShared: true, settings: configuration, cycles: [cycle.cycle], rates, logger })
      const onAlarm = ({ message, code }: RondoError): void => alarm(`${message} (${code})`)
      const redis = await openRedisProjections({ url, cluster: redisCluster, prefix: redisPrefix, onFailure: onAlarm })
      const groupPositions = log.groupPositions()
      const feeds = Array.from({ length: partitions }, (_, partition) => log.feed(partition))
      const generation = generationName([cycle.fingerprint, prefix, partitions, configuration.generation])
      const rebuilds = new Rebuilds()
      const handover = new GenerationHandover({
        redis,
        feeds,
        groupPositions,
        generation,
        definitionRun: { cycle: cycle.cycle, version: definition.version, generation: configuration.generation },
        clock: systemClock,
        onAlarm,
        onFailure: (failure) => onFailure(asRondoError(failure)),
        onRebuild: (rebuild) => {
          rebuilds.record(rebuild)
          logger.info(rebuildText(rebuild))
        },
      })
      const poller = new LogPoller({
        watch: log.watch(),
        topics: ['transitions', 'control'],
        requiredRecords: () => handover.requiredRecords,
        onAlarm: alarm,
        onInfo: (text) => logger.info(text),
      })
      const stalls = new Stalls({ clock: systemClock, stallMs: configuration.stall, causeOf: (partition) => stallCauseOf(partition, handover, poller) })
      const sources = clusterSources({ log, transitions: feeds, groupPositions, models: redis.readModels })
      const readiness = (): string | undefined => poller.unreadyReason ?? handover.unreadyReason ?? stalls.unreadyReason
      const metrics = servingMetrics({ cycle: cycle.cycle, rebuilds, handover, stalls, poller, readiness })
      const readinessLog = new ReadinessLog(readiness, logger, systemClock)
      // A reader of its own: `read` gives only the acts that follow its last call.
      const actsForQuarantine = await openKafkaAdminLog(kafkaSettingsOf(configuration))
      const folds = foldsOfGroup(groupPositions, partitions)
      const served = { cycles: [{ definition, sources }], clock: systemClock, metrics, plan: opened.access.plan.plan }
      const quarantine = new Quarantine({ store: log.refusedStore(), acts: actsForQuarantine, clock: systemClock, folds, contract: planCheck(served.plan) })
      const module = distributedServingModule({ quarantine, served, access: opened.access, readiness })
      const app = await newApp(module, configuration, logger, { metrics, tracing })
      const address = await listen(app, configuration)
      const metricsListener = await MetricsListener.open(metrics, configuration)
      handover.start()
      poller.start()
      readinessLog.start(() => {
        for (const [partition, position] of handover.positions.entries()) if (position !== undefined) stalls.recordLogTime(partition, position.logTime)
        stalls.log(logger)
      })
      const close = async (): Promise<void> => {
        readinessLog.stop()
        await closeApp(app)
        // Not awaited: with the brokers away it would wait for their answers.
        const feedsClosed = feeds.map((feed) => feed.close())
        await Promise.all([opened.close(), actsForQuarantine.close(), handover.stop(), poller.stop(), groupPositions.close(), ...feedsClosed])
        await metricsListener?.close()
        redis.close()
      }
      return { greeting: `Rondo serving answers on ${address}, for the cycle ${cycle.cycle}.${metricsListener?.sentence ?? ''}`, close }
    },
  },
  process.argv.slice(2),
)
