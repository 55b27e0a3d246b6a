/** Why there is no answer: what the server said, or that it said nothing. */
export class Refused extends Error {
  /** Undefined if the server did not answer. */
  readonly status: number | undefined
  readonly code: string | undefined

  constructor(message: string, { status, code }: { readonly status?: number | undefined; readonly code?: string | undefined } = {}) {
    super(message)
    this.status = status
    this.code = code
  }

  /** Whether this server does not have the question at all, in contrast to an answer that is empty. */
  get isUnavailable(): boolean {
    return this.code === 'RONDO_HISTORY_UNAVAILABLE' || (this.status === 404 && this.message.startsWith('There is nothing at '))
  }

  /** Whether the same question can be answered later. */
  get isPassing(): boolean {
    return this.status === undefined || this.status === 503 || this.status === 429
  }
}

/** A problem document, as far as it is read. */
interface Problem {
  readonly detail?: string
  readonly code?: string
}

/** The refusal in an answer that is none. */
export async function refusalOf(response: Response): Promise<Refused> {
  const { detail, code }: Problem = await response.json().catch(() => ({}))
  return new Refused(detail ?? `The server answered ${response.status}.`, { status: response.status, code })
}

/**
 * Asks the API.
 * @throws Refused
 */
export async function getAnswer<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { headers: { accept: 'application/json' }, ...(signal === undefined ? {} : { signal }) }).catch((failure: unknown) => {
    if (signal?.aborted) throw failure
    throw new Refused('Rondo does not answer.')
  })
  if (!response.ok) throw await refusalOf(response)
  return freshened(await response.json(), response.headers)
}

/**
 * The same numbers come from the cache of the browser (304) with an old freshness: the headers have that of this answer.
 * @param answer any; one without a freshness stays as it is
 */
export function freshened<T>(answer: T, headers: Pick<Headers, 'get'>): T {
  const [logTime, date] = [headers.get('rondo-as-of'), headers.get('date')]
  if (logTime === null || date === null || typeof answer !== 'object' || answer === null || !('asOf' in answer)) return answer
  const ageSeconds = Math.max(0, Math.round((Date.parse(date) - Date.parse(logTime)) / 1000))
  return { ...answer, asOf: { logTime, ageSeconds } }
}
