import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RondoError } from '#contracts'
import { checkDefinitions, newLogger, readLiveDefinitions, runApp } from '#process'
import { systemClock, untilAborted } from '#runtime'
import { checkKeys } from '../../nest/src/access/key-setting.ts'
import { definitionPaths, packageFolder } from './definition-paths.ts'
import { beginDemo, type DemoOptions, wantsDemo } from './demo.ts'
import { changedDefinitions, type FolderUse, folderDefects } from './folder-check.ts'
import { memoryLine } from './memory-line.ts'
import { pathAdvice } from './path-advice.ts'
import { checkArchive, DATA_FOLDER, type StandaloneConfiguration, settings, showsDemo } from './settings.ts'
import { Standalone } from './standalone.ts'
import { unusedStates } from './unused-states.ts'
import { welcome } from './welcome.ts'

/** The package has the built files and no sources. */
const command = existsSync(join(packageFolder, 'apps', 'standalone', 'src')) ? 'npx rondo' : 'rondo'

const folderUse = (configuration: StandaloneConfiguration): FolderUse => ({
  data: configuration.data || DATA_FOLDER,
  archive: configuration.archive,
  definitions: readLiveDefinitions(definitionPaths(configuration.definition), configuration),
})

/** Opens the folder. A definition that has changed since is named by its file. @throws RondoError as {@link Standalone} */
function openStandalone(setup: ConstructorParameters<typeof Standalone>[0]): Standalone {
  try {
    return new Standalone(setup)
  } catch (failure) {
    const { configuration, definitions } = setup
    if (failure instanceof RondoError && failure.code === 'RONDO_DATA_MISMATCH')
      throw changedDefinitions(configuration.data || DATA_FOLDER, definitions)[0] ?? failure
    throw failure
  }
}

await runApp(
  {
    name: 'standalone',
    purpose: 'Rondo, whole, in one process and one folder.\n\nUsage: rondo start [settings], or in a checkout npm start -- [settings]',
    settings,
    logger: ({ log, logLevel = 'info', logFormat = 'text' }) => newLogger({ app: 'standalone', level: logLevel, format: log === true ? 'json' : logFormat }),
    checks: [checkKeys, checkArchive, ({ definition, ...others }) => checkDefinitions({ ...others, definition: definitionPaths(definition) })],
    access: async (configuration) => folderDefects(folderUse(configuration)),
    advice: (configuration) => pathAdvice(folderUse(configuration)),
    accessible: 'The folders and what is stored there let Rondo do its work.',
    async start(configuration, { logger, onFailure, reload, tracing }) {
      const definitions = readLiveDefinitions(definitionPaths(configuration.definition), configuration)
      const standalone = openStandalone({ configuration, definitions, logger, onFailure, reload, tracing })
      const { log, backfill, folder, logTimeWait } = standalone
      const end = new AbortController()
      const { signal } = end
      const close = (): Promise<void> => {
        end.abort()
        return standalone.close()
      }
      const isShown = showsDemo(configuration)
      const demo: DemoOptions = { log, backfill, clock: systemClock, data: join(packageFolder, 'deploy', 'data'), signal }
      try {
        const importDemo = isShown && wantsDemo(demo) ? await beginDemo(demo) : undefined
        const address = await standalone.listen()
        const afterwards = async (): Promise<void> => {
          for (const text of unusedStates(
            folder,
            definitions.map(({ cycle }) => cycle.cycle),
          ))
            logger.warn(text)
          for (const { cycle } of definitions) logger.info(memoryLine(cycle, definitions.length > 1))
          if (importDemo !== undefined) {
            logger.info('The folder is empty: importing the purchases of a CD shop, moved so that the last one happens now …')
            const purchases = await importDemo()
            if (purchases !== undefined) logger.info(`${purchases} purchases are in.`)
          }
          await untilAborted(logTimeWait.reaches(log.state.logTime ?? Number.NEGATIVE_INFINITY), signal)
          if (!signal.aborted)
            logger.info(
              await welcome(
                folder,
                definitions.map(({ cycle }) => cycle),
                isShown ? { address, command } : undefined,
              ),
            )
        }
        const names = definitions.map(({ cycle }) => cycle.cycle).join(', ')
        const greeting = `Rondo listens on ${address}, with the ${definitions.length === 1 ? 'cycle' : 'cycles'} ${names} and the data folder ${folder.path}.${standalone.metricsSentence}`
        return { greeting, afterwards, close, reloading: standalone.reloading }
      } catch (failure) {
        await close()
        throw failure
      }
    },
  },
  process.argv.slice(2),
)
