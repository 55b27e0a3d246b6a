import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '#runtime'
import { LINE_BYTES_MAX, readLines } from './lines.ts'

const temporary = temporaryFolder()
const folder = temporary.path
afterAll(() => temporary[Symbol.dispose]())

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(input: Parameters<typeof readLines>[0]): Promise<{ texts: string[]; refusals: [number, string][] }> {
  const texts: string[] = []
  const refusals: [number, string][] = []
  for await (const batch of readLines(input)) {
    expect(batch.first).toBe(texts.length + 1)
    for (const [at, refusal] of batch.refusals) refusals.push([batch.first + at, refusal.reason])
    texts.push(...batch.texts)
  }
  return { texts, refusals }
}

const text = Array.from({ length: 30_000 }, (_, n) => `line ${n} ${Math.imul(n, 2_654_435_761) >>> 0} é😀`).join('\n')
const lines = text.split('\n')
const gzip = gzipSync(text)
const zstd = zstdCompressSync(text)
const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0xff
  return copy
}

describe('lines', () => {
  it.each([
    ['plain', 'a.txt', Buffer.from(text)],
    ['gzip', 'a.gz', gzip],
    ['zstd', 'a.zst', zstd],
    ['gzip without saying so', 'b.csv', gzip],
    ['zstd without saying so', 'c', zstd],
    ['plain that a browser unpacked and left its name', 'd.gz', Buffer.from(text)],
  ])('are read from %s', async (_kind, name, bytes) => {
    expect((await read({ path: file(name, bytes) })).texts).toEqual(lines)
  })

  it('are read from standard input, compressed or not, in chunks of any size', async () => {
    for (const bytes of [Buffer.from(text), gzip, zstd]) {
      expect((await read({ path: '-', stdin: inChunks(bytes, 1000) })).texts).toEqual(lines)
    }
    expect((await read({ path: '-', stdin: inChunks(gzipSync('a\nb'), 1) })).texts).toEqual(['a', 'b'])
  })

  it('are read from archives of several parts', async () => {
    const twice = [...lines.slice(0, -1), `${lines.at(-1)}${lines[0]}`, ...lines.slice(1)]
    expect((await read({ path: file('two.gz', Buffer.concat([gzip, gzip])) })).texts).toEqual(twice)
    const frames = Buffer.concat([zstd, zstd])
    expect((await read({ path: file('two.zst', frames) })).texts).toEqual(twice)
    for (const size of [zstd.length, 1000, 65_536]) expect((await read({ path: '-', stdin: inChunks(frames, size) })).texts).toEqual(twice)
    const small = Buffer.concat(['a\n', 'b\n', '', 'c\n'].map((part) => zstdCompressSync(part)))
    expect((await read({ path: '-', stdin: inChunks(small, 7) })).texts).toEqual(['a', 'b', 'c'])
  })

  it('are the lines of the text for any bytes in any chunks', async () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r', '"') })
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const end = text.includes('\n') || !text.includes('\r') ? '\n' : '\r'
        const whole = text.endsWith(end) ? text.slice(0, -1) : text
        expect((await read({ path: '-', stdin: inChunks(Buffer.from(text), size) })).texts).toEqual(text === '' ? [] : whole.split(end))
      }),
    )
  })

  it('do not include a byte order mark', async () => {
    expect((await read({ path: file('bom', '\ufeffa,b\n1,2\n') })).texts).toEqual(['a,b', '1,2'])
  })

  it('are refused if they are not UTF-8, and the other lines are read', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0x62, 0xe9, 0x0a]), Buffer.from('cé\n')])
    expect(await read({ path: file('latin', bytes) })).toEqual({
      texts: ['a', 'b\ufffd', 'cé'],
      refusals: [[2, expect.stringMatching(/^expected UTF-8; .*--encoding/)]],
    })
  })

  it('are cut and refused if they are too long, and the other lines are read', async () => {
    const long = 'x'.repeat(5 * LINE_BYTES_MAX)
    const { texts, refusals } = await read({ path: file('long', `a\n${long}\nb\n${'y'.repeat(LINE_BYTES_MAX)}\n`) })
    expect(texts.map((line) => line.length)).toEqual([1, LINE_BYTES_MAX + 1, 1, LINE_BYTES_MAX])
    expect(refusals).toEqual([[2, `expected a line of at most ${LINE_BYTES_MAX} bytes`]])
  })
})

describe('an input that cannot be read', () => {
  const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1)

  it.each([
    ['half.gz', half(gzip), /half\.gz cannot be read after line \d+: the archive ends too early\.$/],
    ['half.zst', half(zstd), /half\.zst cannot be read after line \d+: the archive ends too early\.$/],
    ['end.gz', gzip.subarray(0, -1), /end\.gz cannot be read after line \d+: the archive ends too early\.$/],
    ['end.zst', zstd.subarray(0, -1), /end\.zst cannot be read after line \d+: the archive ends too early\.$/],
    ['second.zst', Buffer.concat([zstd, half(zstd)]), /second\.zst cannot be read after line \d{5}: the archive ends too early\.$/],
    ['behind.zst', Buffer.concat([zstd, Buffer.from('and so on')]), /behind\.zst cannot be read after line \d+: the archive is damaged/],
    ['flipped.gz', flipped(gzip), /flipped\.gz cannot be read(?: after line \d+)?: the archive is damaged\.$/],
    ['head.zst', zstd.subarray(0, 5), /head\.zst cannot be read: the archive ends too early\.$/],
    ['empty.gz', Buffer.alloc(0), /empty\.gz is not the archive that its name promises/],
    ['noise.gz', Buffer.from([1, 2, 3, 4, 5]), /noise\.gz is not the archive that its name promises/],
    ['a.zip', Buffer.from('PK\x03\x04....'), /a\.zip is a zip archive; expected UTF-8 text, plain or packed with gzip or zstd\.$/],
    ['wide.csv', Buffer.from('a,b', 'utf16le'), /wide\.csv looks like UTF-16 and has no byte order mark/],
  ])('%s is reported, with the place', async (name, bytes, message) => {
    await expect(read({ path: file(name, bytes) })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE', message: expect.stringMatching(message) })
  })

  it('is reported if it does not exist', async () => {
    await expect(read({ path: join(folder, 'none') })).rejects.toMatchObject({
      message: expect.stringMatching(/none cannot be read: there is no such file\.$/),
    })
    await expect(read({ path: folder })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE', message: expect.stringMatching(/it is a folder\.$/) })
    await expect(read({ path: '-' })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE' })
  })
})
