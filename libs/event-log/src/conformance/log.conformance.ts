import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { frameOf, readAll, type TestLog } from './fixture.ts'

/** Tests of `append` and `read`. */
export function describeReads(log: TestLog, { keepsTraces }: { keepsTraces: boolean }): void {
  describe('appending and reading', () => {
    it('keeps frames in the given order, also after a restart', async () => {
      const first = await log.fixture.writer.append(0, ['a', 'b'])
      const second = await log.fixture.writer.append(0, ['c'])
      await log.fixture.restart()
      await log.fixture.writer.append(0, ['d'])
      const records = await readAll(await log.own(), 4)
      expect(records.map(frameOf)).toEqual(['a', 'b', 'c', 'd'])
      expect(records.map(({ offset }) => offset)).toEqual(expect.arrayContaining([first, second]))
      expect(records[0]?.offset).toBe(first)
      expect(records[2]?.offset).toBe(second)
    })

    it('keeps the frames of concurrent appends together, each at the offset that its append returned', async () => {
      const names = Array.from({ length: 50 }, (_, i) => `frame-${i}`)
      const offsets = await Promise.all(names.map((name) => log.fixture.writer.append(0, [`${name}/1`, `${name}/2`])))
      const records = await readAll(await log.own(), 100)
      for (const [i, name] of names.entries()) {
        const at = records.findIndex(({ offset }) => offset === offsets[i])
        expect(records.slice(at, at + 2).map(frameOf)).toEqual([`${name}/1`, `${name}/2`])
      }
      expect(new Set(records.map(({ offset }) => offset)).size).toBe(100)
    })

    it('accepts an empty list of frames', async () => {
      const next = await log.fixture.writer.append(0, [])
      expect(await log.fixture.writer.append(0, ['a'])).toBe(next)
      expect((await readAll(await log.own(), 1)).map(frameOf)).toEqual(['a'])
    })

    it('reads back frames of any text, also of a megabyte', async () => {
      const texts = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), 50)
      const frames = [...texts, '\u0000 \uffff 👩‍🚀 ß', 'é'.repeat(500_000), 'x'.repeat(1_000_000)]
      await log.fixture.writer.append(0, frames)
      expect((await readAll(await log.own(), frames.length)).map(frameOf)).toEqual(frames)
    })

    it(`gives back ${keepsTraces ? 'the' : 'no'} traced requests of each frame, also after a restart`, async () => {
      const traces = [1, 2, 3].map((n) => `00-${String(n).padStart(32, '0')}-${String(n).padStart(16, '0')}-01`)
      await log.fixture.writer.append(0, ['a', 'b', 'c'], { traces: [traces.slice(0, 2), undefined, traces.slice(2)] })
      await log.fixture.restart()
      await log.fixture.writer.append(0, ['d'])
      const records = await readAll(await log.own(), 4)
      const tracesOfFrames = keepsTraces ? [traces.slice(0, 2), undefined, traces.slice(2), undefined] : []
      expect(records.map((record) => [record.frame, record.traces])).toEqual(['a', 'b', 'c', 'd'].map((frame, at) => [frame, tracesOfFrames[at]]))
    })

    it('reads at most one frame more than was requested, and at least one', async () => {
      const frames = Array.from({ length: 40 }, (_, i) => String(i).padStart(1000, '0'))
      await log.fixture.writer.append(0, frames)
      const owned = await log.own()
      expect(await owned.read(0, { bytesMax: 1, waitMs: 5000 })).toHaveLength(1)
      // Five frames of 1000 bytes, and one that exceeds the limit.
      expect((await owned.read(0, { bytesMax: 5000, waitMs: 5000 })).length).toBeLessThanOrEqual(6)
      expect((await readAll(owned, 40, 3000)).map(frameOf)).toEqual(frames)
    })

    it('waits for the first frame until its time limit', async () => {
      const owned = await log.own()
      expect(await owned.read(0, { bytesMax: 1000, waitMs: 0 })).toEqual([])
      expect(await owned.read(0, { bytesMax: 1000, waitMs: 30 })).toEqual([])
      const waiting = owned.read(0, { bytesMax: 1000, waitMs: 30_000 })
      await log.fixture.writer.append(0, ['late'])
      expect((await waiting).map(frameOf)).toEqual(['late'])
    })
  })
}
