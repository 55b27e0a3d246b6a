import { RondoError } from '#contracts'
import { environmentVariable, onEndAsked } from '#runtime'
import { asRondoError } from './messages/as-rondo-error.ts'
import { jsonLogger, type Logger, logWarnings } from './messages/logger.ts'
import { helpText, type Reading, readConfiguration, type Settings } from './settings/configuration.ts'

/** How long an app may take to end running work; then it ends anyway. An orchestrator should allow some seconds more. */
const DRAIN_MS_MAX = 20_000

type Configuration<Shape extends Settings> = NonNullable<Reading<Shape>['configuration']>

interface AppSetup {
  readonly logger: Logger
  /** Called when the app cannot continue and must be closed. */
  readonly onFailure: (failure: RondoError) => void
}

/** A running app, and how it is ended. */
interface App {
  /** Logged when everything runs. */
  readonly greeting: string
  close(): Promise<void>
}

export interface AppDeclaration<Shape extends Settings> {
  readonly purpose: string
  readonly settings: Shape
  /** @throws RondoError if the app cannot be started although the settings are valid */
  readonly start: (configuration: Configuration<Shape>, setup: AppSetup) => Promise<App>
  /**
   * Checks files that the settings name. It gets the valid settings, so that defects of a file are reported together with those of settings.
   * @throws RondoError
   */
  readonly check?: (readable: Partial<Configuration<Shape>>) => void
}

/** Runs an app from its arguments to its exit code: parse, validate, build, run, drain. */
export async function runApp<Shape extends Settings>({ purpose, settings, start, check }: AppDeclaration<Shape>, args: readonly string[]): Promise<void> {
  const logger = jsonLogger()
  logWarnings(logger)
  const reading = readConfiguration(settings, args, environmentVariable)
  const { configuration, help, validate } = reading
  if (help) return void process.stdout.write(helpText(purpose, settings))
  const defects = defectsOf(reading, check)
  for (const defect of defects) logger.error(defect)
  if (configuration === undefined || defects.length > 0) process.exit(2)
  if (validate) logger.info('The settings are good.')
  else await run((setup) => start(configuration, setup), logger)
}

/** All defects of the settings and of the files that they name. */
export function defectsOf<Shape extends Settings>(reading: Reading<Shape>, check: AppDeclaration<Shape>['check']): RondoError[] {
  const defects = reading.defects.map((defect) => new RondoError('RONDO_ARGUMENT_INVALID', `${defect}. --help lists the settings.`))
  try {
    check?.(reading.readable)
  } catch (error) {
    defects.push(asRondoError(error))
  }
  return defects
}

async function run(start: (setup: AppSetup) => Promise<App>, logger: Logger): Promise<void> {
  const ending = Promise.withResolvers<RondoError | undefined>()
  onEndAsked(() => ending.resolve(undefined))
  process.on('uncaughtException', (error) => ending.resolve(asRondoError(error)))
  const starting = start({ logger, onFailure: (failure) => ending.resolve(failure) })
  starting.then(
    ({ greeting }) => logger.info(greeting),
    (error) => ending.resolve(asRondoError(error)),
  )
  const failure = await ending.promise
  if (failure !== undefined) logger.error(failure)
  process.exit((await drained(starting, logger)) && failure === undefined ? 0 : 1)
}

async function drained(starting: Promise<App>, logger: Logger): Promise<boolean> {
  const limit = setTimeout(() => {
    logger.warn(`Not everything could be ended within ${DRAIN_MS_MAX / 1000} s. What was answered is safe.`)
    process.exit(1)
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
