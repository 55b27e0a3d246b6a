import { untilAborted } from '#runtime'

/**
 * The same values, until a signal is aborted: then waiting for the next one ends with the signal's reason, even if it would
 * never come (a terminal without input). The source is asked to close, without waiting for it.
 */
export async function* untilStopped<T>(values: AsyncIterable<T>, stop: AbortSignal): AsyncGenerator<T> {
  const source = values[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await untilAborted(source.next(), stop)
      stop.throwIfAborted()
      if (next === undefined || next.done === true) return
      yield next.value
    }
  } finally {
    const closed = source.return?.()
    if (stop.aborted) closed?.catch(() => undefined)
    else await closed
  }
}
