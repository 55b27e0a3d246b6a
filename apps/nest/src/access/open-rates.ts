import { z } from 'zod'
import { type Rates, RatesWithFallback, RedisRates } from '#access'
import { type Logger, optionalRedisAddress, type RedisConfiguration, redisServerOf, redisServerSettings, throttled } from '#process'
import { systemClock } from '#runtime'

/** The Redis of a deployment; each app describes the address itself. */
export const redisSettings = {
  ...redisServerSettings,
  redisPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_:-]{1,100}$/, { error: 'expected letters, digits, dashes, underscores and colons' })
    .prefault('rondo')
    .describe('begins every key in Redis; one for each deployment'),
}

/** For apps that need Redis for rates only. */
export const ratesSettings = {
  redis: optionalRedisAddress(
    'where all processes of this app count requests and events together, redis://host:port; unless set, each process counts for itself',
  ),
  ...redisSettings,
}

export interface RatesSetup {
  /** Nothing is shared if the address is empty. */
  readonly settings: RedisConfiguration & { readonly redisPrefix: string }
  /** The app, whose processes share the rates. */
  readonly app: 'ingest' | 'serving'
  readonly logger: Logger
}

/** The rates that the processes of an app share through Redis; undefined if no Redis is named. */
export async function openRates({ settings, app, logger }: RatesSetup): Promise<Rates | undefined> {
  if (settings.redis === '') return undefined
  const onAlarm = throttled((text) => logger.warn(text))
  // A lost connection is reported with the first decision that needs it.
  const shared = await RedisRates.connect({ ...redisServerOf(settings), prefix: `${settings.redisPrefix}:${app}` }, () => {})
  return new RatesWithFallback({ shared, clock: systemClock, onAlarm, onInfo: (text) => logger.info(text) })
}
