import type { MicroserviceOptions } from '@nestjs/microservices'
import type { RondoError } from '#contracts'
import { identityOf } from '#cycle'
import { archivedReader, defectReasons, openKafkaLog } from '#event-log'
import {
  appMetrics,
  checkActivityRetention,
  checkDefinitions,
  definitionSettings,
  integer,
  kafkaSettings,
  kafkaSettingsOf,
  LogPoller,
  listeningSettings,
  loggerOf,
  logSettings,
  ReadinessLog,
  readOnlyDefinition,
  runApp,
  type StallCause,
  Stalls,
  stallSetting,
  throttled,
} from '#process'
import { Recency, systemClock } from '#runtime'
import { EventLogStrategy } from '../../nest/src/event-log-strategy.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { distributedProcessorModule } from './distributed-processor.module.ts'
import { FoldMetrics } from './fold-metrics.ts'
import { Folds } from './folds.ts'
import { archiveOpener } from './open-archive.ts'
import { processorGauges } from './processor-gauges.ts'
import { retentionAlarmOf } from './retention-alarm.ts'
import { StallCauses } from './stall-causes.ts'

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
    async start(configuration, { logger, onFailure, signal, tracing }) {
      const { cycle } = readOnlyDefinition(configuration.definition, configuration)
      const kafka = kafkaSettingsOf(configuration, identityOf(cycle, configuration.generation))
      const log = await untilReachable(() => openKafkaLog(kafka), { listening: configuration, logger, signal })
      const archive = archiveOpener(configuration.archive, log)
      const metrics = appMetrics('processor')
      const alarm = throttled((text) => logger.warn(text))
      const onError = ({ message, code }: RondoError): void => alarm(`${message} (${code})`)
      const stalls = new Stalls({ clock: systemClock, stallMs: configuration.stall, causeOf: (partition): StallCause => causes.causeOf(partition) })
      const folds = new Folds(cycle, {
        generation: configuration.generation,
        checkpointRound: configuration.checkpointRound,
        // A quarter of the retention, so that a restore always finds the records that it needs.
        checkpointRenewMs: kafka.activityRetentionMs && kafka.activityRetentionMs / 4,
        metrics: new FoldMetrics(metrics, { clock: systemClock, cycles: [cycle] }),
        clock: systemClock,
        logger,
        onAlarm: alarm,
        stalls,
        tracing,
      })
      const retentionAlarm = retentionAlarmOf(kafka.activityRetentionMs, { log, archive, clock: systemClock, registry: metrics, onAlarm: alarm })
      const registry = log.writers()
      const poller = new LogPoller({
        watch: log.watch(),
        topics: ['activity', 'transitions', 'late', 'quarantine', 'checkpoints', 'writers', 'names'],
        blocking: defectReasons,
        requiredRecords: () => folds.requiredRecords,
        onPoll: (): Promise<void> => causes.poll(),
        onAlarm: alarm,
        onInfo: (text) => logger.info(text),
      })
      const causes = new StallCauses({ folds, poller, registry, clock: systemClock })
      const group = new Recency(systemClock)
      const reader = log.reader({
        onError,
        onAnswer: () => group.renew(),
        onAssign: (partitions) => logger.info(`The group assigns these partitions to this process: ${partitions.join(', ') || 'none'}.`),
      })
      const strategy = new EventLogStrategy({ reader: archivedReader(reader, archive), onError, onFailure })
      const readiness = (): string | undefined => {
        if (!group.isKnown) return 'The group has not been joined yet.'
        // After this time another process, if there is one, has taken the partitions over.
        if (group.ageMs > configuration.session) return `The group has not answered for ${Math.round(group.ageMs / 1000)} s.`
        const refusal = reader.refusals.find(([, { retriable }]) => !retriable)
        if (refusal !== undefined) return `Partition ${refusal[0]} cannot be taken over: ${refusal[1].message} (${refusal[1].code})`
        const missing = [...reader.awaited, ...folds.restoring]
        if (missing.length > 0) return `The state of these partitions is being restored: ${missing.join(', ')}.`
        return poller.unreadyReason ?? stalls.unreadyReason
      }
      processorGauges(metrics, { cycle: cycle.cycle, folds, stalls, poller, readiness })
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
      readinessLog.start(() => stalls.log(logger))
      const close = async (): Promise<void> => {
        readinessLog.stop()
        await closeApp(app)
        await Promise.all([retentionAlarm?.stop(), poller.stop(), registry.close(), metricsListener?.close()])
      }
      return { greeting: `Rondo processor runs the cycle ${cycle.cycle}; its probes are on ${address}.${metricsListener?.sentence ?? ''}`, close }
    },
  },
  process.argv.slice(2),
)
