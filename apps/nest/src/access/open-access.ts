import { AdminActs, type AdminLog, type CreatedKey, Gate, Keys, type RateLimit, type Rates } from '#access'
import { asRondoError, type Logger, throttled } from '#process'
import { systemClock } from '#runtime'
import { PlanEditor } from '#tracking-plan'
import type { AccessOptions } from './access.module.ts'
import { type KeyConfiguration, needsKeys } from './key-setting.ts'
import type { Reload } from './reload.controller.ts'

/** After a pause, a client may send the requests of this time at once. */
const BURST_S = 5
/** How often the acts of other processes are read. */
const REFRESH_MS = 2_000

/** The key goes to standard output and never to the logger, whose lines are collected and kept. */
const firstKeyText = ({ key, text }: CreatedKey): string =>
  [
    `The first admin key, which is shown only now: ${text}`,
    'Keep it: it makes all other keys (rondo key create).',
    `Where this output is stored, replace it: rondo key rotate ${key.id} --overlap 0s`,
    '',
  ].join('\n')

/** The limit of requests from one address. */
export const addressLimitOf = (perSecond: number): RateLimit => ({ perSecond, burst: perSecond * BURST_S })

/** How the access of an app is opened. */
export interface AccessSetup {
  /** The log of administrative acts; closed with the access. */
  readonly log: AdminLog
  /** Whether other processes append to it too. */
  readonly isShared: boolean
  readonly settings: KeyConfiguration & { readonly environment: string; readonly requestsPerSecond: number; readonly embedOrigins?: readonly string[] }
  /** The cycles that this process shows now; undefined if it shows none. */
  readonly cycles?: () => readonly string[]
  /** Where requests and events are counted, if not in this process; closed with the access. */
  readonly rates?: Rates | undefined
  /** Makes the process read its settings again. */
  readonly reload: Reload
  readonly logger: Logger
}

/** The access of an app, until it is closed. */
export interface OpenedAccess {
  readonly access: AccessOptions
  close(): Promise<void>
}

/**
 * Reads the keys and the tracking plan, and makes the gate that checks the keys. If keys are required and there is no admin key, it creates one, and prints its text
 * this once.
 * @throws RondoError as the log does
 */
export async function openAccess({ log, isShared, settings, cycles, rates, reload, logger }: AccessSetup): Promise<OpenedAccess> {
  const { environment, requestsPerSecond, embedOrigins } = settings
  const required = needsKeys(settings)
  const acts = new AdminActs(log)
  const keys = new Keys({ acts, clock: systemClock })
  const plan = new PlanEditor({ acts, clock: systemClock })
  await acts.refresh()
  const first = required ? await keys.createFirst() : undefined
  if (first !== undefined) process.stdout.write(firstKeyText(first))
  if (!required) logger.info(`Requests need no key, because only this machine reaches ${settings.host}; --keys required changes that.`)
  const gate = new Gate({ keys, required, environment, embedOrigins, addressLimit: addressLimitOf(requestsPerSecond), rates, clock: systemClock })
  const alarm = throttled((text) => logger.warn(text))
  const refresh = (): void =>
    void acts
      .refresh()
      .catch((failure) => alarm(`Changes of keys and of the tracking plan that were made meanwhile are not known: ${asRondoError(failure).message}`))
  const timer = isShared ? setInterval(refresh, REFRESH_MS).unref() : undefined
  return {
    access: { acts, keys, plan, gate, cycles, reload },
    async close() {
      clearInterval(timer)
      rates?.close()
      await log.close()
    },
  }
}
