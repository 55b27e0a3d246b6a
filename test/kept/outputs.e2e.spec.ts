import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import { keptHash } from './kept-hashes.ts'
import { keptReplays } from './replays.ts'

const definitions = ['fixtures/cycles/presence-30d.yaml', 'kept/purchases.yaml']

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe.each(keptReplays)('a replay of $name', ({ name, args, code: expected = 0 }) => {
  it.each(definitions)('writes the same bytes as before, by %s', async (definition) => {
    const [output, late] = ['output', 'late'].map((file) => join(folder.path, file)) as [string, string]
    const { code, stderr } = await rondo(['replay', '--definition', join(import.meta.dirname, '..', definition), ...args, '--output', output, '--late', late])
    expect({ code, stderr: code === expected ? '' : stderr }).toEqual({ code: expected, stderr: '' })
    const bytes = Buffer.concat([readFileSync(output), readFileSync(late)])
    expect(bytes.length).toBeGreaterThan(0)
    const { found, kept } = keptHash(`${name}, ${definition}`, bytes)
    expect(found).toBe(kept)
  })
})
