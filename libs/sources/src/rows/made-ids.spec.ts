import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '#runtime'
import { openRows, type RowsOptions } from '../reading/open-rows.ts'
import { MadeIds } from './made-ids.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

/** The ids of the rows of a text, in the order of the rows. */
async function idsOf(text: string, options: Partial<RowsOptions> = {}): Promise<string[]> {
  const path = join(folder.path, 'input')
  writeFileSync(path, text)
  const ids: string[] = []
  for await (const batch of openRows({ input: { path }, sort: { memoryBytes: 1e8, folder: folder.path }, ...options }).batches) {
    ids.push(...batch.map(({ id }) => id))
  }
  return ids
}

const event = (more: object): string => JSON.stringify({ type: 'track', event: 'A', actor: { type: 'user', id: 'u' }, ...more })

describe('an id that was made for a row', () => {
  it('equals no id of the input, at any place', async () => {
    const real = event({ id: '000000000002', time: '2026-01-01T00:00:00Z', receivedAt: '2026-01-01T00:00:00Z' })
    const withoutId = event({ time: '2026-01-01T00:00:01Z', receivedAt: '2026-01-01T00:00:01Z' })
    expect(await idsOf(`${real}\n${withoutId}`)).toEqual(['000000000002', '000000000002~'])
    expect(await idsOf(`${withoutId}\n${real}`)).toEqual(['000000000002', '000000000001~'])
    expect(await idsOf(withoutId)).toEqual(['000000000001'])
  })

  it('equals no id of a Segment call or a CSV row, also with the prefix of an import', async () => {
    const call = (more: object): string => JSON.stringify({ type: 'track', event: 'A', userId: 'u', timestamp: '2026-01-01T00:00:00Z', ...more })
    expect(await idsOf([call({}), call({ messageId: '000000000001~' }), call({ messageId: '000000000003' })].join('\n'))).toEqual([
      '000000000001~~',
      '000000000001~',
      '000000000003',
    ])
    const csv = { actor: 'who', time: 'day', id: 'nr' }
    const text = 'nr,who,day\n,u,2026-01-01\nab-000000000001,u,2026-01-02\n,u,2026-01-03\n'
    expect(await idsOf(text, { csv, idPrefix: 'ab-' })).toEqual(['ab-000000000001~', 'ab-000000000001', 'ab-000000000003~'])
    expect(await idsOf(text, { csv })).toEqual(['000000000001', 'ab-000000000001', '000000000003'])
  })

  it('is the same if sorted on disk', async () => {
    const lines = Array.from({ length: 50 }, (_, n) => event({ time: `2026-01-01T00:00:${10 + n}Z`, ...(n % 7 === 0 ? { id: `0000000000${10 + n}` } : {}) }))
    const sort = { memoryBytes: 100, folder: folder.path }
    const ids = await idsOf(lines.join('\n'), { sort })
    expect(ids).toEqual(await idsOf(lines.join('\n')))
    expect(new Set(ids).size).toBe(50)
  })

  it('is unique among any other ids', () => {
    const tail = fc.constantFrom('', '~', '~~', '~~~', ' ~', '0', '~0')
    const prefix = fc.constantFrom('', 'a', 'ab-')
    const real = fc.tuple(prefix, fc.integer({ min: 1, max: 4 }), tail).map(([start, position, end]) => start + String(position).padStart(12, '0') + end)
    fc.assert(
      fc.property(prefix, fc.array(real), (start, given) => {
        const ids = new MadeIds(start)
        for (const id of given) ids.avoid(id)
        const made = [1, 2, 3, 4].map((position) => ids.at(position) + ids.ending)
        expect(made.filter((id) => given.includes(id))).toEqual([])
      }),
    )
  })

  it('is refused if no free id is left', () => {
    const ids = new MadeIds()
    // A made id may have up to 200 tildes, and the input uses all these numbers of tildes.
    for (let tildes = 0; tildes <= 201; tildes++) ids.avoid(ids.at(1) + '~'.repeat(tildes))
    expect(() => ids.ending).toThrow(expect.objectContaining({ code: 'RONDO_INPUT_UNREADABLE' }))
  })
})
