import { RondoError } from '#contracts'
import { environmentNames, environmentVariable, systemClock } from '#runtime'
import { startTracing, type Tracing } from '#tracing'
import { AppSignals } from './app-signals.ts'
import { asRondoError } from './messages/as-rondo-error.ts'
import { type LevelledLogger, type Logger, type LogLevel, logWarnings } from './messages/logger.ts'
import { throttled } from './messages/throttle.ts'
import type { Change } from './reload/reload-part.ts'
import { type AppReading, Reloader, type Reloading } from './reload/reloader.ts'
import { helpText, type Reading, readConfiguration, type Settings } from './settings/configuration.ts'
import { checkKafkaSecurity } from './settings/kafka-security.ts'
import { checkRedis } from './settings/redis-server.ts'
import { readVariables } from './settings/settings-file.ts'
import { isServiceLink, strayVariables } from './settings/stray-variables.ts'
import { version } from './settings/version.ts'

/** How long an app may take to end running work; then it ends anyway. An orchestrator should allow some seconds more. */
export const DRAIN_MS_MAX = 20_000

/** The valid settings of an app. */
type Configuration<Shape extends Settings> = NonNullable<Reading<Shape>['configuration']>

/** What an app gets at its start. */
interface AppSetup {
  readonly logger: Logger
  /** Called when the app cannot continue and must be closed. */
  readonly onFailure: (failure: RondoError) => void
  /** Aborted when the process is asked to end: a start that waits for something ends its wait. */
  readonly signal: AbortSignal
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined
  /** Reads settings and files again once the app runs: {@link Reloader.reload}. */
  readonly reload: (by: string) => Promise<readonly Change[]>
}

/** A running app. */
interface App<Shape extends Settings> {
  /** Logged when the app is running. */
  readonly greeting: string
  /** Called after the greeting was logged; if it fails, the app ends. */
  readonly afterwards?: () => Promise<void>
  /** What may change while it runs; nothing if it is missing. */
  readonly reloading?: Reloading<Shape>
  close(): Promise<void>
}

/** A check of settings beyond their form. It throws a RondoError with the defect, or returns all defects. */
type Check<Shape extends Settings> = (readable: Partial<Configuration<Shape>>) => unknown

/** An app for {@link runApp}: what it is for, its settings, and how it starts. */
export interface AppDeclaration<Shape extends Settings> {
  /** One word, such as `ingest`. */
  readonly name: string
  readonly purpose: string
  readonly settings: Shape
  /** Gets the settings that are valid. */
  readonly logger: (readable: Partial<Configuration<Shape>>) => LevelledLogger
  /** @throws RondoError if the app cannot be started although the settings are valid */
  readonly start: (configuration: Configuration<Shape>, setup: AppSetup) => Promise<App<Shape>>
  /** Checks of the files that the settings name, and of settings that depend on each other. They get the valid settings, so that all defects are reported together. */
  readonly checks?: readonly Check<Shape>[]
  /** What would keep the app from its work on its servers, for `--validate`. It changes nothing there. */
  readonly access?: (configuration: Configuration<Shape>) => Promise<readonly RondoError[]>
  /** What the stored events say about the settings, as warnings of `--validate`. It is asked where `access` finds no defect, and changes nothing. */
  readonly advice?: (configuration: Configuration<Shape>) => Promise<readonly string[]>
  /** The message if nothing does. */
  readonly accessible?: string
}

/** Runs an app from its arguments to its exit code: parse, validate, build, run, drain. */
export async function runApp<Shape extends Settings>(declaration: AppDeclaration<Shape>, args: readonly string[]): Promise<void> {
  const signals = new AppSignals()
  const { name, purpose, settings, start, checks } = declaration
  const read = (): AppReading<Shape> => readAll(settings, args)
  const reading = read()
  const logger = declaration.logger(reading.readable)
  logWarnings(logger)
  const { configuration, help, validate } = reading
  if (help) return void process.stdout.write(helpText(purpose, settings))
  for (const text of strayVariables(settings, environmentNames(), environmentVariable)) logger.warn(text)
  const defects = defectsOf(reading, checks)
  for (const defect of defects) logger.error(defect)
  if (configuration === undefined || defects.length > 0) process.exit(2)
  if (validate !== 'no') {
    logger.info('The settings are good.')
    if (validate === 'servers') await validateAccess(declaration, configuration, logger)
    return
  }
  const defectsNow = (next: Reading<Shape>): RondoError[] => defectsOf(next, checks)
  const reloader = new Reloader({ settings, running: reading, read, defectsOf: defectsNow, app: name, logger, clock: systemClock })
  const tracing = await tracingOf(name, reading.readable, logger)
  await runUntilEnd((setup) => start(configuration, { ...setup, tracing }), { logger, reloader, tracing, signals })
}

/** Reads the arguments, the environment and the file of settings. */
function readAll<Shape extends Settings>(settings: Shape, args: readonly string[]): AppReading<Shape> {
  const environment = (name: string): string | undefined => (isServiceLink(name, environmentVariable(name)) ? undefined : environmentVariable(name))
  const { variable, defects, file } = readVariables(settings, args, environment)
  const reading = { ...readConfiguration(settings, args, variable), settingsFile: file }
  return defects.length === 0 ? reading : { ...reading, configuration: undefined, defects: [...defects, ...reading.defects] }
}

const SERVERS_ACCESSIBLE = 'Kafka and Redis, as far as this app uses them, let it do its work.'

/** Reports what keeps the app from its work; then the exit code is 1. If nothing does, reports what looks wrong in what is stored. */
async function validateAccess<Shape extends Settings>(
  { access, accessible = SERVERS_ACCESSIBLE, advice }: AppDeclaration<Shape>,
  configuration: Configuration<Shape>,
  logger: Logger,
): Promise<void> {
  if (access === undefined) return
  const defects = await access(configuration)
  for (const defect of defects) logger.error(defect)
  if (defects.length > 0) {
    process.exitCode = 1
    return
  }
  logger.info(accessible)
  for (const text of (await advice?.(configuration)) ?? []) logger.warn(text)
}

/** Checks of the settings of servers, which several apps have: they pass where an app has none of them. */
const SERVER_CHECKS = [checkKafkaSecurity, checkRedis] as const

/** All defects of the settings and of the files that they name. */
export function defectsOf<Shape extends Settings>(reading: Reading<Shape>, checks: readonly Check<Shape>[] = []): RondoError[] {
  const defects = reading.defects.map(
    (defect) => new RondoError('RONDO_ARGUMENT_INVALID', `${defect}${defect.endsWith('?') ? '' : '.'} --help lists the settings.`),
  )
  for (const check of [...SERVER_CHECKS, ...checks]) {
    try {
      const found = check(reading.readable)
      if (Array.isArray(found)) defects.push(...(found as RondoError[]))
    } catch (error) {
      defects.push(asRondoError(error))
    }
  }
  return defects
}

/** The setting `tracing` is one of all apps that listen. */
async function tracingOf(app: string, { tracing }: { readonly tracing?: unknown }, logger: Logger): Promise<Tracing | undefined> {
  try {
    return await startTracing({ tracing: typeof tracing === 'string' ? tracing : '', app, version, onAlarm: throttled((text) => logger.warn(text)) })
  } catch (error) {
    logger.error(asRondoError(error))
    return process.exit(2)
  }
}

/** The level of the log may change in every app. */
function withLogLevel<Shape extends Settings>(reloading: Reloading<Shape>, logger: LevelledLogger): Reloading<Shape> {
  return { ...reloading, live: { logLevel: (level: LogLevel) => logger.setLevel(level), ...reloading.live } }
}

/** What surrounds a running app. */
interface Surroundings<Shape extends Settings> {
  readonly logger: LevelledLogger
  readonly reloader: Reloader<Shape>
  readonly tracing: Tracing | undefined
  readonly signals: AppSignals
}

async function runUntilEnd<Shape extends Settings>(
  start: (setup: Omit<AppSetup, 'tracing'>) => Promise<App<Shape>>,
  { logger, reloader, tracing, signals }: Surroundings<Shape>,
): Promise<void> {
  const ending = Promise.withResolvers<RondoError | undefined>()
  const abort = new AbortController()
  let cause = ''
  let hasRun = false
  const end = (signal: string): void => {
    cause ||= signal
    abort.abort()
    ending.resolve(undefined)
  }
  const reload = (by: string): Promise<readonly Change[]> => reloader.reload(by)
  signals.starts(end)
  process.on('uncaughtException', (error) => ending.resolve(asRondoError(error)))
  const starting = start({ logger, reload, onFailure: (failure) => ending.resolve(failure), signal: abort.signal })
  starting
    .then(({ greeting, afterwards, reloading }) => {
      reloader.begin(reloading && withLogLevel(reloading, logger))
      logger.info(greeting)
      hasRun = true
      // A refusal is in the log already.
      signals.runs(() => void reload('signal').catch(() => {}))
      return afterwards?.()
    })
    .catch((error) => ending.resolve(asRondoError(error)))
  const failure = await ending.promise
  if (failure !== undefined) logger.error(failure)
  const exit = (exitCode: 0 | 1): void => {
    const why = failure === undefined ? cause : `the failure ${failure.code}`
    // A failed start is one sentence.
    if (hasRun || failure === undefined) logger.info(`The process ends: ${why}. Its exit code is ${exitCode}.`, { code: failure?.code, exitCode })
    process.exit(exitCode)
  }
  const isClosed = await closeInTime(starting, logger, () => exit(1))
  await tracing?.close()
  exit(isClosed && failure === undefined ? 0 : 1)
}

/** @param onLimit ends the process */
async function closeInTime(starting: Promise<Pick<App<Settings>, 'close'>>, logger: Logger, onLimit: () => void): Promise<boolean> {
  const limit = setTimeout(() => {
    logger.warn(`Not everything could be ended within ${DRAIN_MS_MAX / 1000} s. What was answered is safe.`)
    onLimit()
  }, DRAIN_MS_MAX)
  try {
    const app = await starting.catch(() => undefined)
    await app?.close()
    return true
  } catch (error) {
    logger.error(asRondoError(error))
    return false
  } finally {
    clearTimeout(limit)
  }
}
