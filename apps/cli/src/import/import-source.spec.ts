import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import type { Input } from '#sources'
import { type ImportSource, knowSource, type RowSettings } from './import-source.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const stop = new AbortController()
const file = (name: string, content: string): string => {
  writeFileSync(join(folder.path, name), content)
  return join(folder.path, name)
}
const orders = file('orders.csv', 'who,when\na,2026-01-01\n')

function know(input: Input, settings: Partial<RowSettings> = {}): Promise<ImportSource> {
  return knowSource(
    input,
    { csv: { actor: 'who', time: 'when' }, actorType: 'user', shiftToNow: false, allowFuture: false, ...settings },
    { folder: folder.path, stop: stop.signal },
  )
}

async function* chunks(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

describe('a source', () => {
  it('is the same for the same bytes and settings, and names its file', async () => {
    const known = await know({ path: orders })
    expect(known.name).toMatch(/^orders\.csv [0-9a-f]{16}$/)
    copyFileSync(orders, file('again.csv', ''))
    expect(await know({ path: orders })).toEqual(known)
    expect((await know({ path: join(folder.path, 'again.csv') })).idPrefix).toBe(known.idPrefix)
  })

  it.each([
    ['columns', { csv: { actor: 'when', time: 'when' } }],
    ['a beginning', { from: 0 }],
    ['an order', { asRecorded: true }],
    ['actors', { actorType: 'account' }],
    ['a place in time', { shiftToNow: true }],
  ])('is different with other %s', async (_, settings) => {
    const [one, other] = [await know({ path: orders }), await know({ path: orders }, settings)]
    expect(other.name).not.toBe(one.name)
    expect(other.idPrefix).not.toBe(one.idPrefix)
  })

  it('is different if one byte is', async () => {
    expect((await know({ path: file('orders.csv', 'who,when\na,2026-01-02\n') })).name).not.toBe((await know({ path: file('orders.csv', 'who,when\n') })).name)
  })

  it('of a pipe consists of the bytes that came through it, in pieces of any size, and can be read', async () => {
    const [one, other] = [await know({ path: '-', stdin: chunks('who,', 'when\n') }), await know({ path: '-', stdin: chunks('who,when\n') })]
    expect(one.name).toBe(other.name)
    expect(one.name).toMatch(/^standard input /)
    expect(await text(one.input.stdin as AsyncIterable<Uint8Array>)).toBe('who,when\n')
  })

  it('whose file is gone is reported as unreadable', async () => {
    await expect(know({ path: join(folder.path, 'none.csv') })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE' })
  })
})
