import { z } from 'zod'
import { checkRedisAccess, RATE_COMMANDS } from '#access'
import type { RondoError } from '#contracts'
import { checkAccess, openKafkaAdminLog, openKafkaLog } from '#event-log'
import {
  checkActivityRetention,
  checkDefinitions,
  cyclesText,
  definitionSettings,
  definitionsPart,
  identitiesOf,
  kafkaSettings,
  kafkaSettingsOf,
  type LiveDefinition,
  LogPoller,
  listeningSettings,
  loggerOf,
  logSettings,
  ReadinessLog,
  readLiveDefinitions,
  redisAddressSetting,
  redisServerOf,
  runApp,
  stallSetting,
  throttled,
} from '#process'
import { MODEL_COMMANDS } from '#projections'
import { Quarantine } from '#quarantine'
import { systemClock } from '#runtime'
import { accessSettings, checkKeys } from '../../nest/src/access/key-setting.ts'
import { openAccess } from '../../nest/src/access/open-access.ts'
import { openRates, redisSettings } from '../../nest/src/access/open-rates.ts'
import { planCheck } from '../../nest/src/access/plan-check.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { liveHttpLimits, liveRates } from '../../nest/src/live-settings.ts'
import { foldsOfGroup } from '../../nest/src/quarantine/folds-of-group.ts'
import { untilReachable } from '../../nest/src/start/until-reachable.ts'
import { CycleServing } from './cycle-serving.ts'
import { distributedServingModule } from './distributed-serving.module.ts'
import { HistoryWatch } from './history/history-watch.ts'
import { liveSetting } from './live/live-setting.ts'
import { embedSetting, ServingModule } from './serving.module.ts'
import { servingMetrics } from './serving-metrics.ts'

const settings = {
  history: z.string().prefault('').describe('the folder of the history of each cycle, for questions about ranges of time; without it, there is none'),
  ...kafkaSettings,
  ...listeningSettings(8083),
  ...logSettings,
  ...accessSettings,
  ...definitionSettings,
  ...stallSetting,
  ...liveSetting,
  ...embedSetting,
  redis: redisAddressSetting('where the read models lie and all processes of this app count requests together, redis://host:port'),
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
    access: async (configuration) => [
      ...(await checkAccess({ settings: kafkaSettingsOf(configuration, identitiesOf(configuration)), holder: 'serving' })),
      ...(await checkRedisAccess({ server: redisServerOf(configuration), prefix: configuration.redisPrefix, commands: [...MODEL_COMMANDS, ...RATE_COMMANDS] })),
    ],
    async start(configuration, { logger, onFailure, reload, signal, tracing }) {
      const live = readLiveDefinitions(configuration.definition, configuration)
      const settingsOfLog = kafkaSettingsOf(configuration, identitiesOf(configuration))
      const log = await untilReachable(() => openKafkaLog(settingsOfLog), { listening: configuration, logger, signal })
      const alarm = throttled((text) => logger.warn(text))
      const acts = await openKafkaAdminLog(kafkaSettingsOf(configuration), alarm)
      const rates = await openRates({ settings: configuration, app: 'serving', logger })
      const opened = await openAccess({
        log: acts,
        isShared: true,
        settings: configuration,
        cycles: () => log.cycles.map(({ cycle }) => cycle),
        rates,
        reload,
        logger,
      })
      const cycles: CycleServing[] = []
      const historyWatch = new HistoryWatch(logger)
      for (const [i, ofCycle] of log.cycles.entries()) {
        const others = () => cycles.filter((other) => other !== cycles[i]).map(({ handover }) => handover.positions)
        const onAlarm = ({ message, code }: RondoError): void => alarm(`${message} (${code})`)
        const options = { settings: configuration, log, poller: () => poller, others, hasOthers: live.length > 1, logger, onAlarm, onFailure, historyWatch }
        cycles.push(await CycleServing.open(ofCycle, live[i] as LiveDefinition, options))
      }
      const poller = new LogPoller({
        watch: log.watch('serving'),
        topics: ['transitions', 'control'],
        requiredRecords: () => cycles.flatMap(({ requiredRecords }) => requiredRecords),
        onAlarm: alarm,
        onInfo: (text) => logger.info(text),
      })
      const readiness = (): string | undefined =>
        poller.explained(poller.unreadyReason ?? cycles.map(({ unreadyReason }) => unreadyReason).find((reason) => reason !== undefined))
      const metrics = servingMetrics({ cycles, poller, readiness })
      const readinessLog = new ReadinessLog(readiness, logger, systemClock)
      // A reader of its own: `read` gives only the acts that follow its last call.
      const actsForQuarantine = await openKafkaAdminLog(kafkaSettingsOf(configuration), alarm)
      const times = log.foldTimes()
      const { embedOrigins, liveClients: clientsMax } = configuration
      const served = { cycles, clock: systemClock, metrics, plan: opened.access.plan.plan, live: { clientsMax }, embedOrigins, historyWatch }
      const folds = foldsOfGroup(times, configuration.partitions)
      const quarantine = new Quarantine({ store: log.refusedStore(), acts: actsForQuarantine, clock: systemClock, folds, contract: planCheck(served.plan) })
      const module = distributedServingModule({ quarantine, served, access: opened.access, readiness })
      const app = await newApp(module, configuration, logger, { metrics, tracing })
      const address = await listen(app, configuration)
      const metricsListener = await MetricsListener.open(metrics, configuration)
      for (const cycle of cycles) cycle.start()
      poller.start()
      readinessLog.start(() => {
        for (const cycle of cycles) cycle.checkStalls()
      })
      const close = async (): Promise<void> => {
        readinessLog.stop()
        await closeApp(app)
        await Promise.all([opened.close(), actsForQuarantine.close(), poller.stop(), times.close(), ...cycles.map((cycle) => cycle.close())])
        await metricsListener?.close()
      }
      const reloading = {
        live: {
          ...liveHttpLimits(app, configuration),
          ...liveRates(opened.access.gate),
          stall: (ms: number) => void cycles.map(({ stalls }) => stalls.limit(ms)),
          liveClients: (clients: number) => app.get(ServingModule).limitLiveClients(clients),
        },
        parts: [definitionsPart(live)],
        record: (act: Parameters<typeof opened.access.acts.append>[0]) => opened.access.acts.append(act),
      }
      const names = cyclesText(cycles.map(({ cycle }) => cycle))
      return { greeting: `Rondo serving answers on ${address}, for ${names}.${metricsListener?.sentence ?? ''}`, close, reloading }
    },
  },
  process.argv.slice(2),
)
