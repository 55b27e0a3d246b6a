import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RondoError } from '#contracts'
import { temporaryFolder } from '#runtime'
import { allCheckpoints, ownedBy, readAll } from '../conformance/fixture.ts'
import { commitInTurn, positionAt, sampleBatch } from '../conformance/samples.ts'
import type { CheckpointPart } from '../event-log.ts'
import { checksum } from './checksum.ts'
import { openDataFolder } from './data-folder.ts'

const home = temporaryFolder()
const original = join(home.path, 'original')
const options = { partitions: 1, identity: { cycle: 'listener' } }
// Some frames are larger than a page of the file.
const frames = Array.from({ length: 60 }, (_, i) => `{"frame":${i},"text":"${'abcdefgh'.repeat(i % 10 === 9 ? 5000 : i * 20)}"}`)
const checksums = frames.map((frame) => checksum(frame))
const parts: CheckpointPart[] = [0, 1, 2].map((bucket) => ({ bucket, metadata: '{}', bytes: new Uint8Array(9000).fill(bucket + 1) }))

/** Reads and writes everything in a folder. It returns the stored data; its errors are those that a user would see. */
async function useEverything(path: string) {
  const folder = openDataFolder({ ...options, path })
  const closing: { close(): unknown }[] = [folder]
  try {
    const state = folder.stateReader()
    closing.unshift(state)
    const reader = folder.reader()
    closing.unshift(reader)
    const partition = await ownedBy(reader)
    const position = await partition.committed()
    const found = {
      // Checksums, so that the message of a failed comparison stays short.
      frames: (await readAll(partition, frames.length)).map(({ frame }) => checksum(frame)),
      checkpoints: await allCheckpoints(partition),
      position,
      outputs: (await state.read(0, 1000)).map(({ output }) => JSON.parse(output).seq),
      first: state.at(1),
    }
    await folder.writer.append(0, ['more'], { note: { key: 'import', value: '1' } })
    await partition.commit(sampleBatch({ previousPosition: position, position: positionAt(1000), checkpoints: parts.slice(0, 1) }))
    return found
  } finally {
    for (const each of closing) await each.close()
  }
}

const outcomes = { same: 0, refused: 0 }

async function expectSameOrRefused(path: string, expected: unknown) {
  try {
    expect(await useEverything(path)).toEqual(expected)
    outcomes.same++
  } catch (error) {
    if (!(error instanceof RondoError)) throw error
    expect(error.code).toMatch(/^RONDO_DATA_(CORRUPT|FOREIGN|MISMATCH|UNREADABLE)$/)
    outcomes.refused++
  }
}

describe('a damaged data folder', () => {
  let expected: Awaited<ReturnType<typeof useEverything>>

  beforeAll(async () => {
    const folder = openDataFolder({ ...options, path: original })
    await folder.writer.append(0, frames)
    const reader = folder.reader()
    const partition = await ownedBy(reader)
    await commitInTurn(
      partition,
      frames.map((_, i) => [i + 1]),
    )
    const previousPosition = await partition.committed()
    await partition.commit(sampleBatch({ previousPosition, position: positionAt(frames.length - 1, 1), checkpoints: parts }))
    await reader.close()
    await folder.close()
    expected = await useEverything(copied())
    expect(expected.frames).toEqual(checksums)
    expect(expected.outputs).toEqual(frames.map((_, i) => i + 1))
    expect(expected.checkpoints).toEqual(parts)
  })
  afterAll(() => home[Symbol.dispose]())

  let copies = 0
  function copied(): string {
    const path = join(home.path, `copy-${copies++}`)
    mkdirSync(path)
    for (const file of readdirSync(original)) copyFileSync(join(original, file), join(path, file))
    return path
  }

  function damageFile(file: string, change: (bytes: Buffer) => Buffer): string {
    const path = copied()
    writeFileSync(join(path, file), change(readFileSync(join(path, file))))
    return path
  }

  const file = fc.constantFrom('log.db', 'state.db')
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  // Half of the flips are in page headers (120 bytes), because damage there has the largest effect.
  const flip = fc.record({ page: share, within: fc.oneof(fc.nat(120), fc.nat(4095)), mask: fc.integer({ min: 1, max: 255 }) })

  it('gives the written data, or an error with a code, after any bytes were changed', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.array(flip, { minLength: 1, maxLength: 20 }), async (name, flips) => {
        const path = damageFile(name, (bytes) => {
          for (const { page, within, mask } of flips) {
            const at = Math.min(Math.floor((page * bytes.length) / 4096) * 4096 + within, bytes.length - 1)
            bytes[at] = (bytes[at] ?? 0) ^ mask
          }
          return bytes
        })
        await expectSameOrRefused(path, expected)
      }),
      { numRuns: 150 },
    )
    expect(outcomes.refused).toBeGreaterThan(20)
  })

  it('is refused if a file was truncated', async () => {
    await fc.assert(
      fc.asyncProperty(file, share, async (name, length) => {
        const path = damageFile(name, (bytes) => bytes.subarray(0, Math.max(1, Math.floor(length * bytes.length))))
        await expect(useEverything(path)).rejects.toMatchObject({ code: expect.stringMatching(/^RONDO_DATA_(CORRUPT|FOREIGN|MISMATCH)$/) })
      }),
      { numRuns: 30 },
    )
  })

  it('is refused with the offset of the frame that changed', async () => {
    const path = damageFile('log.db', (bytes) => {
      // Free space may hold older copies of a row.
      for (let at = bytes.indexOf('"frame":7,'); at >= 0; at = bytes.indexOf('"frame":7,')) bytes.write('"frame":8,', at)
      return bytes
    })
    await expect(useEverything(path)).rejects.toMatchObject({
      code: 'RONDO_DATA_CORRUPT',
      message: expect.stringMatching(/log\.db is damaged: the frame at offset 7 of partition 0 is not what was written/),
    })
  })

  it('is refused if log.db is older than state.db', async () => {
    const path = copied()
    const db = new DatabaseSync(join(path, 'log.db'))
    db.exec('DELETE FROM frames WHERE "offset" > 2')
    db.close()
    await expect(useEverything(path)).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining('log.db beside it ends at 2') })
  })
})
