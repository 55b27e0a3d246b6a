import { RondoError } from '#contracts'
import { isRefused, type Logger, throttled } from '#process'
import { retry, untilAborted } from '#runtime'
import type { Listening } from '../http-app.ts'
import { WaitingServer } from './waiting-server.ts'

const PAUSE_MS = 500
const PAUSE_MS_MAX = 5_000

/** What an app that waits for the log needs: where its probes answer, and what ends it. */
interface WaitOptions {
  readonly listening: Listening
  readonly logger: Logger
  /** Ends the wait: the process was asked to end. */
  readonly signal: AbortSignal
}

/**
 * Opens the log at the start of an app, and tries again while it cannot be reached or refuses this process. Meanwhile the process lives, and its readiness
 * probe says why it is not ready: an orchestrator that restarted it again and again would only wait longer each time.
 * @throws RondoError what `open` throws, if another attempt would fail too; RONDO_LOG_UNAVAILABLE after the signal; RONDO_PORT_IN_USE
 */
export async function untilReachable<Log>(open: () => Promise<Log>, { listening, logger, signal }: WaitOptions): Promise<Log> {
  const server = await WaitingServer.listen(listening)
  const alarm = throttled(logger.warn)
  const onFailure = ({ message, code }: RondoError): void => {
    server.reason = `The process starts when the log can be reached. ${message}`
    alarm(server.reason, { code })
  }
  try {
    const opening = retry(open, { pauseMs: PAUSE_MS, pauseMsMax: PAUSE_MS_MAX, signal, retryOn: mayEnd, onFailure })
    const log = await untilAborted(opening, signal)
    if (log === undefined) throw new RondoError('RONDO_LOG_UNAVAILABLE', 'The process was asked to end before it could reach the log.')
    return log
  } finally {
    await server.close()
  }
}

/** An outage ends by itself; a refused login, certificate or right is corrected on the server or in a file. */
const mayEnd = (failure: unknown): boolean => isRefused(failure) || (failure instanceof RondoError && failure.code === 'RONDO_LOG_UNAVAILABLE')
