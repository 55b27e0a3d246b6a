import { existsSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { RondoError } from '#contracts'
import { asRondoError, jsonLogger, type LiveDefinition, type Logger, logWarnings, readLiveDefinition, textLogger } from '#process'
import { onEndAsked, systemClock } from '#runtime'
import { beginDemo, type DemoOptions, wantsDemo } from './demo.ts'
import { memoryLine } from './memory-line.ts'
import { HELP, readSettings, type Settings } from './settings.ts'
import { Standalone } from './standalone.ts'
import { welcome } from './welcome.ts'

const DRAIN_MS_MAX = 10_000
const root = dirname(findPackageJSON(import.meta.url) as string)
/** The package has the built files and no sources. */
const command = existsSync(join(root, 'apps', 'standalone', 'src')) ? 'npx rondo' : 'rondo'

/** Parse, validate, build, run, drain. */
async function main(): Promise<void> {
  const { settings, defects } = readSettings(process.argv.slice(2), join(root, 'deploy', 'cycles', 'shopper.yaml'))
  const logger = settings.log ? jsonLogger() : textLogger
  logWarnings(logger)
  if (settings.help) {
    process.stdout.write(HELP)
    return
  }
  const definition = check(settings, defects, logger)
  if (definition === undefined) {
    process.exitCode = 2
    return
  }
  if (settings.validate) logger.info(`The definition ${definition.file} and the options are good.`)
  else await run(settings, definition, logger)
}

/** The definition; undefined if it or an option has a defect, which was then reported. */
function check(settings: Settings, defects: readonly string[], logger: Logger): LiveDefinition | undefined {
  for (const defect of defects) logger.error(new RondoError('RONDO_ARGUMENT_INVALID', `${defect}. --help lists the options.`))
  try {
    const definition = readLiveDefinition(settings.definition, settings)
    return defects.length > 0 ? undefined : definition
  } catch (error) {
    logger.error(asRondoError(error))
    return undefined
  }
}

async function run(settings: Settings, definition: LiveDefinition, logger: Logger): Promise<void> {
  const ending = Promise.withResolvers<RondoError | undefined>()
  onEndAsked(() => ending.resolve(undefined))
  process.on('uncaughtException', (error) => ending.resolve(asRondoError(error)))
  let standalone: Standalone | undefined
  try {
    standalone = new Standalone({ settings, definition, logger, onFailure: (failure) => ending.resolve(failure) })
    await open(standalone, { settings, definition, logger, ending: ending.promise })
  } catch (error) {
    ending.resolve(asRondoError(error))
  }
  const failure = await ending.promise
  if (failure !== undefined) logger.error(failure)
  await drain(standalone, logger)
  process.exit(failure === undefined ? 0 : 1)
}

interface Opening {
  readonly settings: Settings
  readonly definition: LiveDefinition
  readonly logger: Logger
  readonly ending: Promise<unknown>
}

async function open(standalone: Standalone, { settings, definition, logger, ending }: Opening): Promise<void> {
  const { log, backfill, logTimeWait } = standalone
  const demo: DemoOptions = { log, backfill, clock: systemClock, data: join(root, 'deploy', 'data') }
  const importDemo = settings.demo && wantsDemo(demo) ? await beginDemo(demo) : undefined
  const address = await standalone.listen()
  logger.info(`Rondo listens on ${address}, with the cycle ${definition.cycle.cycle} and the data folder ${standalone.folder.path}.`)
  logger.info(memoryLine(definition.cycle))
  if (importDemo !== undefined) {
    logger.info('The folder is empty: importing the purchases of a CD shop, moved so that the last one happens now …')
    logger.info(`${await importDemo()} purchases are in.`)
  }
  await Promise.race([ending, logTimeWait.reaches(log.state.logTime ?? Number.NEGATIVE_INFINITY)])
  logger.info(await welcome(standalone.folder, definition.cycle, settings.demo ? { address, command } : undefined))
}

async function drain(standalone: Standalone | undefined, logger: Logger): Promise<void> {
  const limit = setTimeout(() => {
    logger.warn('Not everything could be ended within 10 s. What was answered is safe.')
    process.exit(1)
  }, DRAIN_MS_MAX)
  try {
    await standalone?.close()
  } catch (error) {
    logger.error(asRondoError(error))
    process.exitCode = 1
  }
  clearTimeout(limit)
}

await main()
