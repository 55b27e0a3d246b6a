import { integer, live } from '#process'
import { defaultLiveLimits } from './live-budget.ts'

/** More than one process can serve. */
const CLIENTS_LIMIT = 100_000

/** How many live streams an app has. */
export const liveSetting = {
  liveClients: live(
    integer(1, CLIENTS_LIMIT)
      .prefault(String(defaultLiveLimits.clientsMax))
      .describe('how many live streams (GET /v1/cycles/…/live) may be open in this process; further ones are answered with 503'),
  ),
}
