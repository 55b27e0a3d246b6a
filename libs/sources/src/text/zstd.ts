import { createZstdDecompress } from 'node:zlib'

/** More than Node's default of 16 KiB, so that a large file takes fewer steps. */
const CHUNK_BYTES = 131_072

/** Decompresses one zstd frame, with a stream of Node: such a stream is reliable for one frame only. */
class FrameDecompressor {
  readonly #stream = createZstdDecompress({ chunkSize: CHUNK_BYTES })
  #failure: Error | undefined
  #wake = (): void => undefined

  constructor() {
    this.#stream.on('readable', () => this.#wake())
    this.#stream.on('end', () => this.#wake())
    this.#stream.on('error', (error) => {
      this.#failure = error
      this.#wake()
    })
  }

  /** Decompresses bytes. Returns how many of them belong to this frame: fewer than given if it ended among them. */
  async *take(bytes: Uint8Array): AsyncGenerator<Uint8Array, number> {
    const before = this.#stream.bytesWritten
    let isTaken = false
    this.#stream.write(bytes, () => {
      isTaken = true
      this.#wake()
    })
    yield* this.#unpacked(() => isTaken)
    return this.#stream.bytesWritten - before
  }

  /** The rest of the content. Fails if the frame is not complete. */
  async *end(): AsyncGenerator<Uint8Array> {
    this.#stream.end()
    yield* this.#unpacked(() => this.#stream.readableEnded)
  }

  /** Closes this decompressor, and gives one for the following frame. */
  next(): FrameDecompressor {
    this.close()
    return new FrameDecompressor()
  }

  close(): void {
    this.#stream.destroy()
  }

  async *#unpacked(isDone: () => boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes: Uint8Array | null = this.#stream.read()
      if (this.#failure !== undefined) throw this.#failure
      if (bytes !== null) yield bytes
      else if (isDone()) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

/**
 * Decompresses zstd archives of any number of frames. A stream of Node drops all frames after the first without an error, except where a
 * chunk ends together with the frame.
 */
export async function* unpackZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let frame = new FrameDecompressor()
  try {
    for await (const chunk of chunks) {
      for (let rest = chunk; rest.length > 0; ) {
        const taken = yield* frame.take(rest)
        frame = taken < rest.length ? frame.next() : frame
        rest = rest.subarray(taken)
      }
    }
    yield* frame.end()
  } finally {
    frame.close()
  }
}
