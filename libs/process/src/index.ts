export { asRondoError } from './messages/as-rondo-error.ts'
export { type LogFields, type Logger, logFormats, newLogger, textLogger } from './messages/logger.ts'
export { throttled } from './messages/throttle.ts'
export { ageGauge, appMetrics, type CycleRebuilds, readyGauge, rebuildGauge, valuesGauge } from './probes/app-metrics.ts'
export { Latest } from './probes/latest.ts'
export { defectGauge, LogPoller } from './probes/log-poller.ts'
export { PathWarnings } from './probes/path-warnings.ts'
export { type Readiness, ReadinessLog } from './probes/readiness-log.ts'
export { redisMetrics } from './probes/redis-metrics.ts'
export { isRefused, Refusal } from './probes/refusal.ts'
export { type StallCause, Stalls, stallGauge } from './probes/stalls.ts'
export { definitionsPart, type PreparedCycle } from './reload/definitions-part.ts'
export type { Change, PreparedChange } from './reload/reload-part.ts'
export { runApp } from './run-app.ts'
export {
  catchUpSetting,
  defaultHttpLimits,
  type HttpLimits,
  listeningSettings,
  type MetricsSettings,
  metricsPortOf,
  stallSetting,
} from './settings/app-settings.ts'
export { duration, integer, yesOrNo } from './settings/configuration.ts'
export { checkActivityRetention, kafkaSettings, kafkaSettingsOf } from './settings/kafka-configuration.ts'
export { readKafkaSecurity } from './settings/kafka-security.ts'
export {
  checkDefinitions,
  cyclesText,
  definitionFilesAt,
  definitionSettings,
  identitiesOf,
  knownCyclesSettings,
  type LiveDefinition,
  nameClashes,
  optionalDefinition,
  readLiveDefinitions,
} from './settings/live-definition.ts'
export { live } from './settings/live-setting.ts'
export { loggerOf, logSettings } from './settings/log-settings.ts'
export {
  optionalRedisAddress,
  type RedisConfiguration,
  readRedisServer,
  redisAddressSetting,
  redisServerOf,
  redisServerSettings,
} from './settings/redis-server.ts'
export { version } from './settings/version.ts'
