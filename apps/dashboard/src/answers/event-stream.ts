/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** Reads server-sent events from chunks of text, wherever the chunks are cut. */
export class StreamReader {
  #rest = ''

  /** @returns the messages that are complete */
  read(chunk: string): StreamMessage[] {
    const text = this.#rest + chunk
    // A carriage return at the end may be half of a line break.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text
    const blocks = whole.replaceAll(/\r\n?/g, '\n').split('\n\n')
    this.#rest = (blocks.pop() ?? '') + text.slice(whole.length)
    return blocks.flatMap(messageOf)
  }
}

/** A block of lines as a message; none if it has no data, such as a comment that keeps the connection open. */
function messageOf(block: string): StreamMessage[] {
  const fields = new Map<string, string[]>()
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    fields.set(name, [...(fields.get(name) ?? []), value])
  }
  const data = fields.get('data')
  if (data === undefined) return []
  return [{ event: fields.get('event')?.at(-1) ?? 'message', id: fields.get('id')?.at(-1), data: data.join('\n') }]
}
