const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Writes packed values one after another into a growing buffer. Little endian; integers that are usually small are LEB128 varints. */
export class ByteWriter {
  bytes = new Uint8Array(1024)
  view = new DataView(this.bytes.buffer)
  at = 0

  /** Grows the buffer if it has no room for `length` more bytes. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + length))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  u8(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  u32(value: number): void {
    this.reserve(4)
    this.view.setUint32(this.at, value, true)
    this.at += 4
  }

  f64(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** A whole number from 0 to 2^53. */
  uint(value: number): void {
    this.reserve(8)
    let rest = value
    while (rest >= 128) {
      this.bytes[this.at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.bytes[this.at++] = rest
  }

  /** A whole number of either sign, up to 2^52 in size. */
  int(value: number): void {
    this.uint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  text(value: string): void {
    const utf8 = encoder.encode(value)
    this.uint(utf8.length)
    this.raw(utf8, 0, utf8.length)
  }

  raw(from: Uint8Array, start: number, length: number): void {
    this.reserve(length)
    for (let i = 0; i < length; i++) this.bytes[this.at + i] = from[start + i] as number
    this.at += length
  }
}

/** Reads values that a {@link ByteWriter} wrote. */
export class ByteReader {
  bytes = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  at = 0

  /** Begins to read at an offset. */
  open(bytes: Uint8Array, view: DataView, at: number): void {
    this.bytes = bytes as Uint8Array<ArrayBuffer>
    this.view = view as DataView<ArrayBuffer>
    this.at = at
  }

  u8(): number {
    return this.bytes[this.at++] as number
  }

  u32(): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  f64(): number {
    this.at += 8
    return this.view.getFloat64(this.at - 8, true)
  }

  uint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  int(): number {
    const value = this.uint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  text(): string {
    const length = this.uint()
    this.at += length
    return decoder.decode(this.bytes.subarray(this.at - length, this.at))
  }
}
