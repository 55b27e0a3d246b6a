import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { formatInstant, type Reload, type ReloadRefused, RondoError } from '#contracts'
import { type Clock, faultPoint, Secret } from '#runtime'
import { asRondoError } from '../messages/as-rondo-error.ts'
import type { Logger } from '../messages/logger.ts'
import { type Reading, type Settings, variableOf } from '../settings/configuration.ts'
import { firstDefects } from '../settings/first-defects.ts'
import { isLive } from '../settings/live-setting.ts'
import { fileKindOf } from '../settings/secret-setting.ts'
import type { SettingsFile } from '../settings/settings-file.ts'
import type { Change, PreparedChange, ReloadPart } from './reload-part.ts'

/** What a refusal has of the defects, in the audit log, in the answer and in the log: enough to correct them, while an act stays small. */
const DEFECTS_MAX = 20
/** A file of definitions or sources puts all its defects into one text. */
const DEFECT_LENGTH_MAX = 2_000

/** The valid settings of an app. */
type Configuration<Shape extends Settings> = NonNullable<Reading<Shape>['configuration']>

/** The settings of an app, with the file that some of them are from. */
export interface AppReading<Shape extends Settings> extends Reading<Shape> {
  /** Undefined without a file, or where the file cannot be read. */
  readonly settingsFile?: SettingsFile | undefined
}

/** How an app takes over what may change while it runs. */
export interface Reloading<Shape extends Settings> {
  /** What each live setting changes. */
  readonly live: { readonly [Name in keyof Shape]?: (value: z.output<Shape[Name]>) => void }
  readonly parts?: readonly ReloadPart<Configuration<Shape>>[]
  /** Writes an act into the audit log. @throws RondoError if it is not known whether the act is durable */
  readonly record: (act: Reload | ReloadRefused) => Promise<void>
}

/** What a {@link Reloader} reads and where it reports. */
export interface ReloaderOptions<Shape extends Settings> {
  readonly settings: Shape
  /** The settings with which the app was started. */
  readonly running: AppReading<Shape>
  /** Reads the settings again. */
  readonly read: () => AppReading<Shape>
  /** All defects of settings and of the files that they name. */
  readonly defectsOf: (reading: Reading<Shape>) => RondoError[]
  /** The name of the app in the audit log. */
  readonly app: string
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly clock: Clock
}

/** Reads settings and files again while the app runs. Everything is checked first, and nothing changes unless all of it is good. */
export class Reloader<Shape extends Settings> {
  readonly #options: ReloaderOptions<Shape>
  #running: AppReading<Shape>
  #reloading: Reloading<Shape> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ReloaderOptions<Shape>) {
    this.#options = options
    this.#running = options.running
  }

  /** The app runs now. @throws RondoError RONDO_INTERNAL if a live setting would have no effect */
  begin(reloading: Reloading<Shape> | undefined): void {
    const names = this.#names.filter((name) => isLive(this.#options.settings[name]) && reloading?.live[name] === undefined)
    if (reloading !== undefined && names.length > 0) throw new RondoError('RONDO_INTERNAL', `Nothing applies a change of these settings: ${names.join(', ')}.`)
    this.#reloading = reloading
  }

  /**
   * Reloads, after the reloads that were requested before.
   * @param by who requested it, as in the audit log
   * @returns what has changed
   * @throws RondoError RONDO_RELOAD_REFUSED with every defect, a line each; then nothing has changed
   */
  reload(by: string): Promise<readonly Change[]> {
    const turn = this.#last.then(() => this.#reload(by))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #reload(by: string): Promise<readonly Change[]> {
    if (this.#reloading === undefined) throw new RondoError('RONDO_OVERLOADED', 'The app is starting. Reload it once it is ready.', { retriable: true })
    const { record, live } = this.#reloading
    const reading = this.#options.read()
    const { names, defects, prepared } = await this.#prepare(reading, this.#reloading)
    const act = { at: formatInstant(this.#options.clock.now()), by, app: this.#options.app }
    try {
      if (defects.length > 0) throw refusal(defects)
      const changes = [...names.map((name) => this.#changeOf(name, reading)), ...prepared.flatMap((part) => part.changes)]
      faultPoint('reload', 'enter')
      await record({ kind: 'reloaded', ...act, changes })
      faultPoint('reload', 'leave')
      for (const name of names) live[name]?.(reading.readable[name] as never)
      for (const part of prepared) await part.apply()
      this.#running = reading
      this.#options.logger.info(`Reloaded (by ${by}): ${changes.map(textOf).join('; ') || 'nothing has changed'}.`)
      return changes
    } catch (error) {
      for (const part of prepared) await part.discard?.()
      await this.#reportRefusal(asRondoError(error), { ...act, defects: [...firstDefects(defects.map(shortMessage), { max: DEFECTS_MAX })] })
      throw error
    }
  }

  async #prepare(reading: AppReading<Shape>, { parts = [] }: Reloading<Shape>) {
    const { settings, defectsOf } = this.#options
    const defects = [...emptiedDefects(this.#running.settingsFile, reading.settingsFile), ...defectsOf(reading)]
    const names = this.#names.filter((name) => name in reading.readable && !isSame(reading.readable[name], this.#running.readable[name]))
    for (const name of names) if (!isLive(settings[name])) defects.push(restartNeeded(name, fileKindOf(settings[name] as z.ZodType) !== undefined))
    const prepared: PreparedChange[] = []
    const next = { ...this.#running.readable, ...reading.readable } as Configuration<Shape>
    for (const part of parts) {
      try {
        const change = await part.prepare(next)
        if (change !== undefined) prepared.push(change)
      } catch (error) {
        const failure = asRondoError(error)
        // A check of the settings may have found the same.
        if (!defects.some(({ message }) => message === failure.message)) defects.push(failure)
      }
    }
    return { names, defects, prepared }
  }

  get #names(): (keyof Shape & string)[] {
    return Object.keys(this.#options.settings)
  }

  #changeOf(name: keyof Shape & string, next: Reading<Shape>): Change {
    return { name: variableOf(name), change: `from ${shown(this.#running.texts[name])} to ${shown(next.texts[name])}` }
  }

  async #reportRefusal({ message }: RondoError, act: Omit<ReloadRefused, 'kind'>): Promise<void> {
    const { logger } = this.#options
    logger.warn(message)
    if (act.defects.length === 0) return
    await this.#reloading?.record({ kind: 'reload-refused', ...act }).catch((failure: unknown) => logger.warn(asRondoError(failure).message))
  }
}

/** A file that is written again is empty for a moment; without its settings the process would be another one. */
function emptiedDefects(running: SettingsFile | undefined, next: SettingsFile | undefined): RondoError[] {
  if (running === undefined || next === undefined || running.count === 0 || next.count > 0) return []
  const text = `The file of settings ${next.path} has no setting now, and had ${running.count}. Reload again once the file is written; to run without its settings, restart the process.`
  return [new RondoError('RONDO_ARGUMENT_INVALID', text)]
}

/** A secret is another one if it has another text, or is read from another file. What is in its file is no setting: each new connection reads it. */
function isSame(next: unknown, running: unknown): boolean {
  return next instanceof Secret ? next.hasOriginOf(running) : isDeepStrictEqual(next, running)
}

/** Without its values: a setting that needs a restart can be a password. */
function restartNeeded(name: string, hasFile: boolean): RondoError {
  const setting = `${variableOf(name)}${hasFile ? ` (or ${variableOf(name)}_FILE)` : ''}`
  return new RondoError('RONDO_ARGUMENT_INVALID', `${setting} was changed, which takes effect only at a restart. Restart the process, or change it back.`)
}

const textOf = ({ name, change }: Change): string => `${name} ${change}`
const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'its default' : text)

function shortMessage({ message }: RondoError): string {
  const text = message.trimEnd()
  return text.length <= DEFECT_LENGTH_MAX ? text : `${text.slice(0, DEFECT_LENGTH_MAX)} … (${text.length - DEFECT_LENGTH_MAX} more characters)`
}

function refusal(defects: readonly RondoError[]): RondoError {
  const texts = defects.map((defect) => `${shortMessage(defect)} (${defect.code})`)
  const lines = firstDefects(texts, { max: DEFECTS_MAX })
  return new RondoError('RONDO_RELOAD_REFUSED', `The reload is refused, and nothing has changed:\n${lines.join('\n')}\n`)
}
