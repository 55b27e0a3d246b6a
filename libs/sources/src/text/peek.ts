const HEAD_BYTES = 4

/** The first bytes, which are enough to recognize the format, and a stream of all bytes from the beginning. */
export async function peek(chunks: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; all: AsyncGenerator<Uint8Array> }> {
  const rest = chunks[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  let ended = false
  while (head.length < HEAD_BYTES && !ended) {
    const next = await rest.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield head
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
    } finally {
      await rest.return?.()
    }
  }
  return { head, all: all() }
}
