import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { formatInstant, type Reload, type ReloadRefused, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import { asRondoError } from '../messages/as-rondo-error.ts'
import type { Logger } from '../messages/logger.ts'
import { type Reading, type Settings, variableOf } from '../settings/configuration.ts'
import { isLive } from '../settings/live-setting.ts'
import type { Change, PreparedChange, ReloadPart } from './reload-part.ts'

/** The valid settings of an app. */
type Configuration<Shape extends Settings> = NonNullable<Reading<Shape>['configuration']>

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
  readonly running: Reading<Shape>
  /** Reads the settings again. */
  readonly read: () => Reading<Shape>
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
  #running: Reading<Shape>
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
      await record({ kind: 'reloaded', ...act, changes })
      for (const name of names) live[name]?.(reading.readable[name] as never)
      for (const part of prepared) await part.apply()
      this.#running = reading
      this.#options.logger.info(`Reloaded (by ${by}): ${changes.map(textOf).join('; ') || 'nothing has changed'}.`)
      return changes
    } catch (error) {
      for (const part of prepared) await part.discard?.()
      await this.#reportRefusal(asRondoError(error), { ...act, defects: defects.map(({ message }) => message) })
      throw error
    }
  }

  async #prepare(reading: Reading<Shape>, { parts = [] }: Reloading<Shape>) {
    const { settings, defectsOf } = this.#options
    const defects = defectsOf(reading)
    const names = this.#names.filter((name) => name in reading.readable && !isDeepStrictEqual(reading.readable[name], this.#running.readable[name]))
    for (const name of names) if (!isLive(settings[name])) defects.push(restartNeeded(name))
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

/** Without its values: a setting that needs a restart can be a password. */
function restartNeeded(name: string): RondoError {
  return new RondoError(
    'RONDO_ARGUMENT_INVALID',
    `${variableOf(name)} was changed, which takes effect only at a restart. Restart the process, or change it back.`,
  )
}

const textOf = ({ name, change }: Change): string => `${name} ${change}`
const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'its default' : text)

function refusal(defects: readonly RondoError[]): RondoError {
  const lines = defects.map(({ message, code }) => `${message.trimEnd()} (${code})`)
  return new RondoError('RONDO_RELOAD_REFUSED', `The reload is refused, and nothing has changed:\n${lines.join('\n')}\n`)
}
