import { untilAborted } from '#runtime'

/**
 * The values of a source until a signal is aborted. Then it throws the reason of the signal, also while it waits for a value that never
 * comes, such as input of a terminal. It does not wait until the source is closed.
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
