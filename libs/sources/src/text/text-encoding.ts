import { RondoError } from '#contracts'
import { peek } from './peek.ts'

/** Whether an encoding is one that can be read: UTF-8, UTF-16, and the others of the WHATWG standard, such as latin1 or windows-1252. */
export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== ''
  } catch {
    return false
  }
}

/** The encoding of bytes with a byte order mark. */
function markedEncoding(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
}

/** The encoding of bytes that look like UTF-16 without a mark, by the zero half of ASCII letters. No text in UTF-8 begins like that. */
function likelyEncoding([first, second, third, fourth]: Buffer): string | undefined {
  if (second === 0 && fourth === 0 && first !== 0 && third !== 0) return 'utf-16le'
  return first === 0 && third === 0 && second !== 0 && fourth !== 0 ? 'utf-16be' : undefined
}

async function* decoded(chunks: AsyncIterable<Uint8Array>, encoding: string, name: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  function decode(chunk?: Uint8Array): Buffer {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }))
    } catch (cause) {
      throw new RondoError(
        'RONDO_INPUT_UNREADABLE',
        `${name} is not text in ${encoding}. Name its encoding with --encoding, such as --encoding windows-1252.`,
        { cause },
      )
    }
  }
  for await (const chunk of chunks) yield decode(chunk)
  yield decode()
}

/**
 * Converts the bytes of a text to UTF-8, from the given encoding or else from the encoding of its byte order mark. Without both, the bytes
 * are not changed.
 * @throws RondoError RONDO_INPUT_UNREADABLE if they are not of that encoding, or are UTF-16 without a mark
 */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>, encoding: string | undefined, name: string): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(chunks)
  const named = encoding ?? markedEncoding(head)
  const likely = named === undefined ? likelyEncoding(head) : undefined
  if (likely !== undefined) {
    await all.return(undefined)
    throw new RondoError('RONDO_INPUT_UNREADABLE', `${name} looks like UTF-16 and has no byte order mark. Say so with --encoding ${likely}.`)
  }
  if (named === undefined || new TextDecoder(named).encoding === 'utf-8') yield* all
  else yield* decoded(all, named, name)
}
