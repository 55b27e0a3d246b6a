import { describe, expect, it } from '@jest/globals'
import type { EventName, Position } from '#contracts'
import type { FeedRecord } from '../event-log.ts'
import { allCheckpoints, type TestLog } from './fixture.ts'
import { commitInTurn, positionAt, sampleBatch, sampleName, sampleOutput, sampleOutputs } from './samples.ts'

/** Tests of the data that `commit` stores. */
export function describeCommits(log: TestLog): void {
  describe('committing', () => {
    it('keeps outputs, position, partition metadata and checkpoints together, also over a restart', async () => {
      await append(log, 1)
      const owned = await log.own()
      const position: Position = { offset: 0, index: 3, cursor: { deadline: 12_345, actor: { type: 'user', id: 'Zoë' } } }
      const checkpoints = [{ bucket: 7, metadata: '{"offset":0}', bytes: Uint8Array.of(0, 255, 1) }]
      const outputs = [sampleOutput({ actor: { type: 'user', id: 'Zoë "\n' } })]
      expect(await owned.commit(sampleBatch({ position, outputs, checkpoints, partitionMetadata: '{"events":4}' }))).toBe('committed')
      await log.fixture.restart()
      const after = await log.own()
      expect(await after.committed()).toEqual(position)
      expect(await after.partitionMetadata()).toBe('{"events":4}')
      expect(await allCheckpoints(after)).toEqual(checkpoints)
      expect((await log.fixture.feed.read(0, 10)).map(({ output }) => output)).toEqual(outputs.map((output) => JSON.stringify(output)))
    })

    it('has no position, metadata, checkpoints and outputs before the first commit', async () => {
      const owned = await log.own()
      expect([await owned.committed(), await owned.partitionMetadata(), await allCheckpoints(owned), await seqs(log)]).toEqual([undefined, undefined, [], []])
    })

    it('replaces the record of a name of events, keeps those of other names, and keeps all together with the position', async () => {
      await append(log, 3)
      const owned = await log.own()
      expect(await owned.names()).toEqual([])
      // Half of a surrogate pair has no form in UTF-8: these are two names.
      const all = [null, 'Visit', 'null', '', '\ud800', '\udfff', 'Zoë "\n'].map((name) => sampleName({ name }))
      expect(await owned.commit(sampleBatch({ names: all }))).toBe('committed')
      const more = sampleName({ name: 'Visit', events: 2 })
      expect(await owned.commit(sampleBatch({ previousPosition: positionAt(0), position: positionAt(1), names: [more] }))).toBe('committed')
      expect(await owned.commit(sampleBatch({ previousPosition: positionAt(0), position: positionAt(2), names: [sampleName({ name: 'lost' })] }))).toBe('lost')
      await log.fixture.restart()
      const stored = await (await log.own()).names()
      const byName = (names: readonly EventName[]) => names.toSorted((a, b) => (JSON.stringify(a.name) < JSON.stringify(b.name) ? -1 : 1))
      expect(byName(stored)).toEqual(byName([...all.filter(({ name }) => name !== 'Visit'), more]))
    })

    it('accepts a batch that ends between two deadlines of one record', async () => {
      await append(log, 1)
      const owned = await log.own()
      const fired = (id: string): Position => ({ offset: 0, index: 0, cursor: { deadline: 1, actor: { type: 'user', id } } })
      expect(await owned.commit(sampleBatch({ position: fired('ann'), outputs: sampleOutputs([1]) }))).toBe('committed')
      expect(await owned.commit(sampleBatch({ previousPosition: fired('ann'), position: fired('bob'), outputs: sampleOutputs([2]) }))).toBe('committed')
      expect(await owned.committed()).toEqual(fired('bob'))
    })

    it('replaces the checkpoint part of a bucket, and keeps the other parts', async () => {
      await append(log, 2)
      const owned = await log.own()
      const part = (bucket: number, { metadata, size }: { metadata: string; size: number }) => ({
        bucket,
        metadata,
        bytes: new Uint8Array(size).fill(bucket),
      })
      const [small, large, empty] = [part(0, { metadata: 'old', size: 10 }), part(1, { metadata: 'old', size: 300_000 }), part(2, { metadata: 'old', size: 0 })]
      const [replacement, added] = [part(1, { metadata: 'new', size: 5 }), part(3, { metadata: 'new', size: 1 })]
      await owned.commit(sampleBatch({ checkpoints: [small, large, empty] }))
      await owned.commit(sampleBatch({ previousPosition: positionAt(0), position: positionAt(1), checkpoints: [replacement, added] }))
      expect(await allCheckpoints(owned)).toEqual([small, replacement, empty, added])
    })
  })
}

/** Tests of batches that do not follow the committed position, or that come from an earlier owner. */
export function describeOwners(log: TestLog): void {
  describe('owning', () => {
    it('refuses a batch whose previous position is not the committed one, and publishes nothing of it', async () => {
      await append(log, 9)
      const batches = [
        sampleBatch({ previousPosition: positionAt(3), position: positionAt(4), outputs: sampleOutputs([9]) }),
        sampleBatch({ previousPosition: undefined, position: positionAt(4), outputs: sampleOutputs([9]) }),
        sampleBatch({ previousPosition: positionAt(0, 1), position: positionAt(4), outputs: sampleOutputs([9]) }),
        sampleBatch({
          previousPosition: { offset: 0, index: 0, cursor: { deadline: 1, actor: { type: 'user', id: 'ann' } } },
          position: positionAt(4),
          checkpoints: [{ bucket: 1, metadata: '', bytes: Uint8Array.of(1) }],
        }),
      ]
      expect(await commitInTurn(await log.own(), [[1]])).toEqual(['committed'])
      for (const batch of batches) {
        const owned = await log.own()
        expect(await owned.commit(batch)).toBe('lost')
        expect(await owned.commit(sampleBatch({ previousPosition: positionAt(0), position: positionAt(1) }))).toBe('lost')
      }
      const owned = await log.own()
      expect([await owned.committed(), await allCheckpoints(owned), await seqs(log)]).toEqual([positionAt(0), [], [1]])
    })

    it('does not publish a committed batch a second time', async () => {
      await append(log, 1)
      const batch = sampleBatch({ position: positionAt(0), outputs: sampleOutputs([1, 2]) })
      const owned = await log.own()
      expect([await owned.commit(batch), await owned.commit(batch)]).toEqual(['committed', 'committed'])
      expect(await seqs(log)).toEqual([1, 2])
    })

    it('fences an owner as soon as the next owner has read the position', async () => {
      await append(log, 4)
      const first = await log.own()
      await commitInTurn(first, [[1]])
      const second = await log.own()
      expect(await second.committed()).toEqual(positionAt(0))
      const batch = (seq: number) => sampleBatch({ previousPosition: positionAt(0), position: positionAt(1), outputs: sampleOutputs([seq]) })
      const [seqOfSecond, seqOfFenced] = [2, 66]
      expect(await first.commit(batch(seqOfFenced))).toBe('lost')
      expect(await second.commit(batch(seqOfSecond))).toBe('committed')
      expect(await first.commit(batch(seqOfFenced))).toBe('lost')
      expect(await first.read(0, { bytesMax: 100, waitMs: 0 })).toEqual([])
      expect(await seqs(log)).toEqual([1, 2])
    })
  })
}

/** Tests of the feed. */
export function describeFeed(log: TestLog): void {
  describe('the feed', () => {
    it('gives committed outputs in order, after any cursor, page by page', async () => {
      await append(log, 5)
      await commitInTurn(await log.own(), [[1, 2, 3], [], [4], [5, 6, 7, 8], [9]])
      const all = await log.fixture.feed.read(0, 1000)
      expect(all.map(seqOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const [i, { cursor }] of all.entries()) expect(await seqs(log, cursor, 3)).toEqual(all.slice(i + 1, i + 4).map(seqOf))
      const cursors = all.map(({ cursor }) => cursor)
      expect(cursors).toEqual([...new Set(cursors)].sort((a, b) => a - b))
      expect(await seqs(log, 0, 0)).toEqual([])
    })

    it('is empty after a cursor above its end', async () => {
      const above = 999_999
      expect(await seqs(log, above)).toEqual([])
      await append(log, 1)
      await commitInTurn(await log.own(), [[1, 2, 3]])
      expect([await seqs(log, above), await seqs(log)]).toEqual([[], [1, 2, 3]])
    })

    it('gives the newest outputs, the oldest of them first', async () => {
      expect(await log.fixture.feed.newest(3)).toEqual([])
      await append(log, 2)
      await commitInTurn(await log.own(), [[1, 2, 3], [4]])
      const all = await log.fixture.feed.read(0, 1000)
      expect(await log.fixture.feed.newest(3)).toEqual(all.slice(1))
      expect(await log.fixture.feed.newest(99)).toEqual(all)
      expect(await log.fixture.feed.newest(0)).toEqual([])
    })
  })
}

async function append(log: TestLog, count: number): Promise<void> {
  const frames = Array.from({ length: count }, (_, i) => `frame ${i}`)
  await log.fixture.writer.append(0, frames)
}

async function seqs(log: TestLog, after = 0, limit = 1000): Promise<number[]> {
  return (await log.fixture.feed.read(after, limit)).map(seqOf)
}

function seqOf({ output }: FeedRecord): number {
  return JSON.parse(output).seq
}
