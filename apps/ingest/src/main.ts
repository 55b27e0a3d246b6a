import { hostname } from 'node:os'
import { z } from 'zod'
import { checkRedisAccess, RATE_COMMANDS } from '#access'
import { addressesOf } from '#cycle'
import { type Addresses, checkAccess, openKafkaAdminLog, openKafkaLog } from '#event-log'
import {
  appMetrics,
  catchUpSetting,
  checkActivityRetention,
  checkDefinitions,
  definitionsPart,
  duration,
  identitiesOf,
  kafkaSettings,
  kafkaSettingsOf,
  knownCyclesSettings,
  LogPoller,
  listeningSettings,
  live,
  loggerOf,
  logSettings,
  readLiveDefinitions,
  redisMetrics,
  redisServerOf,
  runApp,
  throttled,
} from '#process'
import { Quarantine } from '#quarantine'
import { systemClock } from '#runtime'
import { accessSettings, checkKeys } from '../../nest/src/access/key-setting.ts'
import { openAccess } from '../../nest/src/access/open-access.ts'
import { openRates, ratesSettings } from '../../nest/src/access/open-rates.ts'
import { planCheck } from '../../nest/src/access/plan-check.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { liveHttpLimits, liveRates } from '../../nest/src/live-settings.ts'
import { foldsOfGroup } from '../../nest/src/quarantine/folds-of-group.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { Admission } from './admission/admission.ts'
import { bufferSettings, openBuffer } from './kafka/buffer-setting.ts'
import { FoldWatch } from './kafka/fold-watch.ts'
import { KafkaIngestLog } from './kafka/kafka-ingest-log.ts'
import { KafkaIngestModule } from './kafka-ingest.module.ts'
import { openSources, sourcesPart } from './sources/open-sources.ts'
import { readSourceFile } from './sources/source-file.ts'

const settings = {
  ...kafkaSettings,
  ...knownCyclesSettings,
  ...listeningSettings(8080),
  ...logSettings,
  ...accessSettings,
  ...ratesSettings,
  name: z.string().min(1).max(200).prefault(`${hostname()}-${process.pid}`).describe('name of this process in messages'),
  ...catchUpSetting,
  ...bufferSettings,
  sources: live(z.string().prefault('').describe('a file that names topics of other systems to read (docs/guides/sources.md); the same for all')),
  // A heartbeat goes out once a second, and a leader that moves may delay it for some seconds.
  silence: duration('5s', '1d').prefault('15s').describe('how long an ingest process may be silent before others close its writer; the same for all'),
}

/** The actors that events name, for all cycles that run. */
function readAddresses({ definition, shortGrace }: { readonly definition: readonly string[]; readonly shortGrace: boolean }): Addresses | undefined {
  return addressesOf(readLiveDefinitions(definition, { shortGrace }).map(({ cycle }) => cycle))
}

await runApp(
  {
    name: 'ingest',
    purpose: 'Rondo ingest: writes events from HTTP into the log on Kafka. Several can run beside each other.',
    settings,
    logger: loggerOf('ingest'),
    checks: [checkKeys, checkDefinitions, checkActivityRetention, ({ sources = '' }) => void (sources === '' || readSourceFile(sources))],
    access: async (configuration) => [
      ...(await checkAccess({
        settings: kafkaSettingsOf(configuration, identitiesOf(configuration)),
        holder: 'ingest',
        sourceTopics: sourceTopicsIn(configuration.sources),
      })),
      ...(configuration.redis === ''
        ? []
        : await checkRedisAccess({ server: redisServerOf(configuration), prefix: configuration.redisPrefix, commands: RATE_COMMANDS })),
    ],
    async start(configuration, { logger, reload, signal, tracing }) {
      const settingsOfLog = kafkaSettingsOf(configuration, identitiesOf(configuration))
      const kafka = await untilReachable(() => openKafkaLog(settingsOfLog), { listening: configuration, logger, signal })
      const rates = await openRates({ settings: configuration, app: 'ingest', logger })
      const onAlarm = throttled((text) => logger.warn(text))
      // The quarantine has a reader of its own: `read` gives only the acts that follow its last call.
      const openActs = () => openKafkaAdminLog(kafkaSettingsOf(configuration), onAlarm)
      const [acts, actsForQuarantine] = [await openActs(), await openActs()]
      const opened = await openAccess({ log: acts, isShared: true, settings: configuration, rates, reload, logger })
      const [writer, refusals, registry, group] = [kafka.writer(), kafka.refusalWriter(), kafka.writers(), kafka.foldTimes()]
      const buffered = await openBuffer(kafka, configuration)
      const addresses = readAddresses(configuration)
      const log = new KafkaIngestLog({ writer, refusals, buffered, addresses, clock: systemClock, onAlarm })
      const [watch, settler] = [new FoldWatch(group), kafka.settler(systemClock, addresses)]
      const [folds, contract] = [foldsOfGroup(group, configuration.partitions), planCheck(opened.access.plan.plan)]
      const quarantine = new Quarantine({ store: kafka.refusedStore(), acts: actsForQuarantine, settler, clock: systemClock, folds, contract })
      const sources = openSources(configuration.sources, { kafka, log, check: contract, onAlarm })
      const checkTopics = (sourceTopics: readonly string[]) => checkAccess({ settings: settingsOfLog, holder: 'ingest', sourceTopics })
      const poller = new LogPoller({
        watch: kafka.watch('ingest'),
        topics: ['activity', 'quarantine', 'writers', 'control'],
        requiredRecords: () => [],
        onAlarm,
        onInfo: (text) => logger.info(text),
      })
      const metrics = appMetrics('ingest')
      redisMetrics(metrics)
      const module = KafkaIngestModule.register({
        access: opened.access,
        metrics,
        quarantine,
        buffer: buffered?.buffer,
        sources,
        poller,
        log,
        otherTicks: () => sources.ticks(),
        folded: () => watch.poll(),
        registry,
        name: configuration.name,
        catchUpMs: configuration.catchUp,
        timeoutMs: configuration.silence,
        tracing,
        onAlarm,
      })
      const app = await newApp(module, configuration, logger, { metrics, tracing })
      const address = await listen(app, configuration)
      const metricsListener = await MetricsListener.open(metrics, configuration)
      poller.start()
      return {
        greeting: `Rondo ingest listens on ${address}.${metricsListener?.sentence ?? ''}`,
        reloading: {
          live: {
            ...liveHttpLimits(app, configuration),
            ...liveRates(opened.access.gate),
            catchUp: (ms) => app.get(Admission).limitCatchUp(ms),
            // The part below reads the file.
            sources() {},
          },
          parts: [definitionsPart(readLiveDefinitions(configuration.definition, configuration)), sourcesPart(sources, checkTopics)],
          record: (act) => opened.access.acts.append(act),
        },
        async close() {
          await closeApp(app)
          // What a partition does not take is in the buffer; waiting for it would only delay the shutdown.
          const writers = log.isSlow && buffered !== undefined ? [] : [writer.close(), refusals.close(), registry.close()]
          await Promise.all([opened.close(), actsForQuarantine.close(), settler.close(), poller.stop(), watch.close(), metricsListener?.close(), ...writers])
          buffered?.buffer.close()
        },
      }
    },
  },
  process.argv.slice(2),
)

/** The topics of other systems that a file of sources names. */
function sourceTopicsIn(file: string): string[] {
  return file === '' ? [] : readSourceFile(file).map(({ topic }) => topic)
}
