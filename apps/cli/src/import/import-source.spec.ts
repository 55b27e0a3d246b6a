import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import type { Input } from '#sources'
import { type ImportSource, identifySource, type RowSettings } from './import-source.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const stop = new AbortController()
const file = (name: string, content: string): string => {
  writeFileSync(join(folder.path, name), content)
  return join(folder.path, name)
}
const orders = file('orders.csv', 'who,when\na,2026-01-01\n')

function identify(input: Input, settings: Partial<RowSettings> = {}): Promise<ImportSource> {
  return identifySource(
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
    const source = await identify({ path: orders })
    expect(source.name).toMatch(/^orders\.csv [0-9a-f]{16}$/)
    copyFileSync(orders, file('copy.csv', ''))
    expect(await identify({ path: orders })).toEqual(source)
    expect((await identify({ path: join(folder.path, 'copy.csv') })).idPrefix).toBe(source.idPrefix)
  })

  it.each([
    ['other columns', { csv: { actor: 'when', time: 'when' } }],
    ['another --from', { from: 0 }],
    ['--as-recorded', { asRecorded: true }],
    ['another actor type', { actorType: 'account' }],
    ['--shift-to-now', { shiftToNow: true }],
  ])('is different with %s', async (_, settings) => {
    const [one, other] = [await identify({ path: orders }), await identify({ path: orders }, settings)]
    expect(other.name).not.toBe(one.name)
    expect(other.idPrefix).not.toBe(one.idPrefix)
  })

  it('is different if one byte is different', async () => {
    expect((await identify({ path: file('orders.csv', 'who,when\na,2026-01-02\n') })).name).not.toBe(
      (await identify({ path: file('orders.csv', 'who,when\n') })).name,
    )
  })

  it('from a pipe depends only on its bytes, not on the sizes of the chunks, and can be read again', async () => {
    const [one, other] = [await identify({ path: '-', stdin: chunks('who,', 'when\n') }), await identify({ path: '-', stdin: chunks('who,when\n') })]
    expect(one.name).toBe(other.name)
    expect(one.name).toMatch(/^standard input /)
    expect(await text(one.input.stdin as AsyncIterable<Uint8Array>)).toBe('who,when\n')
  })

  it('with a missing file is reported as unreadable', async () => {
    await expect(identify({ path: join(folder.path, 'none.csv') })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE' })
  })
})
