import { z } from 'zod'
import { type Rates, RatesWithFallback, RedisRates } from '#access'
import { type Logger, redisAddress, throttled, yesOrNo } from '#process'
import { systemClock } from '#runtime'

/** The Redis of a deployment; each app describes the address itself. */
export const redisSettings = {
  redisCluster: yesOrNo().prefault('no').describe('yes: the address is that of a Redis Cluster; of several nodes with commas between them'),
  redisPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_:-]{1,100}$/, { error: 'expected letters, digits, dashes, underscores and colons' })
    .prefault('rondo')
    .describe('begins every key in Redis; one for each deployment'),
}

/** For apps that need Redis for rates only. */
export const ratesSettings = {
  redis: z
    .union([z.literal(''), redisAddress()])
    .prefault('')
    .describe('where all processes of this app count requests and events together, redis://host:port; unless set, each process counts for itself'),
  ...redisSettings,
}

export interface RatesSetup {
  readonly settings: { readonly redis: string; readonly redisCluster: boolean; readonly redisPrefix: string }
  /** The app, whose processes share the rates. */
  readonly app: 'ingest' | 'serving'
  readonly logger: Logger
}

/** The rates that the processes of an app share through Redis; undefined if no Redis is named. */
export async function openRates({ settings, app, logger }: RatesSetup): Promise<Rates | undefined> {
  const { redis: url, redisCluster: cluster, redisPrefix } = settings
  if (url === '') return undefined
  const onAlarm = throttled((text) => logger.warn(text))
  // A lost connection is reported with the first decision that needs it.
  const shared = await RedisRates.connect({ url, cluster, prefix: `${redisPrefix}:${app}` }, () => {})
  return new RatesWithFallback({ shared, clock: systemClock, onAlarm, onInfo: (text) => logger.info(text) })
}
