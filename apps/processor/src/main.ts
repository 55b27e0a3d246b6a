import type { MicroserviceOptions } from '@nestjs/microservices'
import type { RondoError } from '#contracts'
import { archivedReader, checkAccess, defectReasons, newestActivity, openKafkaLog, type RequiredRecords } from '#event-log'
import { PathSample } from '#pipeline'
import {
  appMetrics,
  checkActivityRetention,
  checkDefinitions,
  cyclesText,
  definitionSettings,
  definitionsPart,
  identitiesOf,
  integer,
  kafkaSettings,
  kafkaSettingsOf,
  LogPoller,
  listeningSettings,
  loggerOf,
  logSettings,
  ReadinessLog,
  readLiveDefinitions,
  runApp,
  stallSetting,
  throttled,
} from '#process'
import { Recency, systemClock } from '#runtime'
import { EventLogStrategy } from '../../nest/src/event-log-strategy.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { liveHttpLimits } from '../../nest/src/live-settings.ts'
import { recordReload } from '../../nest/src/record-reload.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { CycleFolds, newCycleFold } from './cycle-folds.ts'
import { distributedProcessorModule } from './distributed-processor.module.ts'
import { FoldMetrics } from './fold-metrics.ts'
import { archiveOpener } from './open-archive.ts'
import { processorGauges } from './processor-gauges.ts'
import { Readings } from './readings.ts'
import { retentionAlarmOf } from './retention-alarm.ts'
import { unreadyReason } from './unready-reason.ts'

/** How much of each partition is looked through for the paths of the definitions, from its end. */
const SAMPLE_BYTES = 4 << 20

const settings = {
  ...kafkaSettings,
  ...listeningSettings(8081),
  ...logSettings,
  ...definitionSettings,
  ...stallSetting,
  checkpointRound: integer(256, 1_000_000_000)
    .prefault('1000000')
    .describe('entries of a partition in which the state of every actor is written once: about the most that a restore folds again'),
}

await runApp(
  {
    name: 'processor',
    purpose: 'Rondo processor: events in the log become transitions in the log, exactly once. At most one for each partition has work.',
    settings,
    logger: loggerOf('processor'),
    checks: [checkDefinitions, checkActivityRetention],
    access: (configuration) => checkAccess({ settings: kafkaSettingsOf(configuration, identitiesOf(configuration)), holder: 'processor' }),
    async advice(configuration) {
      const sample = new PathSample(readLiveDefinitions(configuration.definition, configuration).map(({ cycle }) => cycle))
      for await (const record of newestActivity(kafkaSettingsOf(configuration, identitiesOf(configuration)), SAMPLE_BYTES)) sample.saw(record)
      return sample.texts
    },
    async start(configuration, { logger, onFailure, signal, tracing }) {
      const definitions = readLiveDefinitions(configuration.definition, configuration)
      const cycles = definitions.map(({ cycle }) => cycle)
      const kafka = kafkaSettingsOf(configuration, identitiesOf(configuration))
      const log = await untilReachable(() => openKafkaLog(kafka), { listening: configuration, logger, signal })
      const archive = archiveOpener(configuration.archive, log)
      const [metrics, alarm] = [appMetrics('processor'), throttled((text) => logger.warn(text))]
      const onError = ({ message, code }: RondoError): void => alarm(`${message} (${code})`)
      const [foldMetrics, readings] = [new FoldMetrics(metrics, { clock: systemClock, cycles }), new Readings()]
      const retentionAlarm = retentionAlarmOf(kafka.activityRetentionMs, { log, archive, clock: systemClock, registry: metrics, onAlarm: alarm })
      const [registry, group] = [log.writers(), new Recency(systemClock)]
      const poller = new LogPoller({
        watch: log.watch('processor'),
        topics: ['activity', 'transitions', 'late', 'quarantine', 'checkpoints', 'writers', 'names'],
        blocking: defectReasons,
        requiredRecords: (): RequiredRecords[] => folds.requiredRecords,
        onPoll: (): Promise<void> => folds.pollCauses(),
        onAlarm: alarm,
        onInfo: (text) => logger.info(text),
      })
      const foldsOfCycles = cycles.map((cycle) =>
        newCycleFold(cycle, {
          folds: {
            generation: configuration.generation,
            hasOthers: cycles.length > 1,
            readings,
            checkpointRound: configuration.checkpointRound,
            // A quarter of the retention, so that a restore always finds the records that it needs.
            checkpointRenewMs: kafka.activityRetentionMs && kafka.activityRetentionMs / 4,
            metrics: foldMetrics,
            clock: systemClock,
            logger,
            onAlarm: alarm,
            tracing,
          },
          stallMs: configuration.stall,
          poller,
          registry,
        }),
      )
      const folds = new CycleFolds(foldsOfCycles)
      const reader = log.reader({
        onError,
        onAnswer: () => group.renew(),
        onAssign: (partitions) => logger.info(`The group assigns these partitions to this process: ${partitions.join(', ') || 'none'}.`),
      })
      const strategy = new EventLogStrategy({ reader: archivedReader(reader, archive), onError, onFailure })
      const readiness = () => unreadyReason({ group, sessionMs: configuration.session, reader, folds, poller })
      processorGauges(metrics, { cycles: foldsOfCycles, poller, readiness })
      const readinessLog = new ReadinessLog(readiness, logger, systemClock)
      const module = distributedProcessorModule(folds, readiness)
      const app = await newApp(module, configuration, logger, { metrics, tracing })
      app.connectMicroservice<MicroserviceOptions>({ strategy })
      // The probes answer while the partitions are being taken over.
      const address = await listen(app, configuration)
      const metricsListener = await MetricsListener.open(metrics, configuration)
      await app.startAllMicroservices()
      retentionAlarm?.start()
      poller.start()
      readinessLog.start(() => folds.log(logger))
      const close = async (): Promise<void> => {
        readinessLog.stop()
        await closeApp(app)
        await Promise.all([retentionAlarm?.stop(), poller.stop(), registry.close(), metricsListener?.close()])
      }
      const live = { ...liveHttpLimits(app, configuration), stall: (ms: number) => folds.limitStall(ms) }
      const reloading = { live, parts: [definitionsPart(definitions)], record: recordReload(kafka) }
      const names = cyclesText(cycles.map(({ cycle }) => cycle))
      return { greeting: `Rondo processor runs ${names}; its probes are on ${address}.${metricsListener?.sentence ?? ''}`, close, reloading }
    },
  },
  process.argv.slice(2),
)
