/**
 * The same values, until a signal is aborted: then the wait for the next one ends with the signal's reason, however long that one would
 * have taken (a terminal that nobody types at). The source is told to close, but not waited for.
 */
export async function* untilStopped<T>(values: AsyncIterable<T>, stop: AbortSignal): AsyncGenerator<T> {
  const source = values[Symbol.asyncIterator]()
  const stopped = Promise.withResolvers<never>()
  // Nobody waits for it while no value is awaited.
  stopped.promise.catch(() => undefined)
  const abort = (): void => stopped.reject(stop.reason)
  stop.addEventListener('abort', abort)
  try {
    stop.throwIfAborted()
    for (;;) {
      const next = await Promise.race([source.next(), stopped.promise])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    stop.removeEventListener('abort', abort)
    const closed = source.return?.()
    if (stop.aborted) closed?.catch(() => undefined)
    else await closed
  }
}
