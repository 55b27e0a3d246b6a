/** Longer reasons are cut: a proxy may answer with a page. */
const REASON_CHARACTERS_MAX = 200

/**
 * The alarm for spans that did not reach the collector.
 * @param collector the address to which spans are sent
 * @param message what the SDK says: a sentence, or an error as JSON, with its stack
 */
export function collectorAlarm(collector: string, message: string): string {
  const url = URL.parse(collector)
  const where = url === null ? 'the collector' : `the collector at ${url.host}`
  return `Spans cannot be sent to ${where} (${reasonOf(message)}): they are dropped, and requests go on. Check that it runs, and that the address of RONDO_TRACING, or of the variable of OpenTelemetry, is its port for OTLP over HTTP.`
}

function reasonOf(message: string): string {
  const { message: said = '', code = '', name = '' } = errorIn(message)
  const parts = [said, said.includes(code) ? '' : code].filter((part) => part !== '')
  const [line = ''] = (parts.join(', ') || name || 'no reason is known').split('\n')
  return line.length > REASON_CHARACTERS_MAX ? `${line.slice(0, REASON_CHARACTERS_MAX)}…` : line
}

function errorIn(message: string): Partial<Record<'message' | 'code' | 'name', string>> {
  try {
    const error: unknown = JSON.parse(message)
    if (typeof error === 'object' && error !== null) return Object.fromEntries(Object.entries(error).map(([field, value]) => [field, String(value)]))
  } catch {
    // A sentence is taken as it is.
  }
  return { message }
}
