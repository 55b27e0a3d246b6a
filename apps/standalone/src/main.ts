import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { RondoError } from '#contracts'
import { onEndAsked, systemClock } from '#runtime'
import { asRondoError } from '../../chassis/src/as-rondo-error.ts'
import { type LiveDefinition, readLiveDefinition } from '../../chassis/src/live-definition.ts'
import { jsonLines, sayWarnings, sentences, type Voice } from '../../chassis/src/voice.ts'
import { beginDemo, type DemoOptions, wantsDemo } from './demo.ts'
import { memoryLine } from './memory-line.ts'
import { HELP, readSettings, type Settings } from './settings.ts'
import { Standalone } from './standalone.ts'
import { welcome } from './welcome.ts'

const DRAIN_MS_MAX = 10_000
const root = dirname(findPackageJSON(import.meta.url) as string)

/** Parse, validate, build, run, drain. */
async function main(): Promise<void> {
  const { settings, defects } = readSettings(process.argv.slice(2), join(root, 'deploy', 'cycles', 'shopper.yaml'))
  const voice = settings.log ? jsonLines() : sentences
  sayWarnings(voice)
  if (settings.help) {
    process.stdout.write(HELP)
    return
  }
  const definition = check(settings, defects, voice)
  if (definition === undefined) {
    process.exitCode = 2
    return
  }
  if (settings.validate) voice.say(`The definition ${definition.file} and the options are good.`)
  else await run(settings, definition, voice)
}

/** The definition, unless it or an option is bad: then everything that is wrong has been said. */
function check(settings: Settings, defects: readonly string[], voice: Voice): LiveDefinition | undefined {
  for (const defect of defects) voice.fail(new RondoError('RONDO_ARGUMENT_INVALID', `${defect}. --help lists the options.`))
  try {
    const definition = readLiveDefinition(settings.definition, settings)
    return defects.length > 0 ? undefined : definition
  } catch (error) {
    voice.fail(asRondoError(error))
    return undefined
  }
}

async function run(settings: Settings, definition: LiveDefinition, voice: Voice): Promise<void> {
  const ending = Promise.withResolvers<RondoError | undefined>()
  onEndAsked(() => ending.resolve(undefined))
  process.on('uncaughtException', (error) => ending.resolve(asRondoError(error)))
  let standalone: Standalone | undefined
  try {
    standalone = new Standalone({ settings, definition, voice, onFailure: (failure) => ending.resolve(failure) })
    await open(standalone, { settings, definition, voice, ending: ending.promise })
  } catch (error) {
    ending.resolve(asRondoError(error))
  }
  const failure = await ending.promise
  if (failure !== undefined) voice.fail(failure)
  await drain(standalone, voice)
  process.exit(failure === undefined ? 0 : 1)
}

interface Opening {
  readonly settings: Settings
  readonly definition: LiveDefinition
  readonly voice: Voice
  readonly ending: Promise<unknown>
}

async function open(standalone: Standalone, { settings, definition, voice, ending }: Opening): Promise<void> {
  const { log, backfill, progress } = standalone
  const demo: DemoOptions = { log, backfill, clock: systemClock, data: join(root, 'deploy', 'data') }
  const importDemo = settings.demo && wantsDemo(demo) ? await beginDemo(demo) : undefined
  const address = await standalone.listen()
  voice.say(`Rondo listens on ${address}, with the cycle ${definition.cycle.cycle} and the data folder ${standalone.folder.path}.`)
  voice.say(memoryLine(definition.cycle))
  if (importDemo !== undefined) {
    voice.say('The folder is empty: importing the purchases of a CD shop, moved so that the last one happens now …')
    voice.say(`${await importDemo()} purchases are in.`)
  }
  await Promise.race([ending, progress.reaches(log.state.logTime ?? Number.NEGATIVE_INFINITY)])
  voice.say(await welcome(standalone.folder, definition.cycle, settings.demo ? address : undefined))
}

async function drain(standalone: Standalone | undefined, voice: Voice): Promise<void> {
  const limit = setTimeout(() => {
    voice.alarm('Not everything could be ended within 10 s. What was answered is safe.')
    process.exit(1)
  }, DRAIN_MS_MAX)
  try {
    await standalone?.close()
  } catch (error) {
    voice.fail(asRondoError(error))
    process.exitCode = 1
  }
  clearTimeout(limit)
}

await main()
