import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { phasesAtDeath, temporaryFolder } from '#runtime'
import { allCheckpoints, ownedBy, readAll } from '../conformance/fixture.ts'
import { openDataFolder } from './data-folder.ts'

const index = new URL('../index.ts', import.meta.url).href
const samples = new URL('../conformance/samples.ts', import.meta.url).href

/** A process that appends numbered frames and folds them into outputs and checkpoints of the same numbers; prints what was answered. */
const source = (path: string) => `
  const { openDataFolder } = await import(${JSON.stringify(index)})
  const { sampleOutputs, sampleBatch, positionAt } = await import(${JSON.stringify(samples)})
  const { writeSync } = await import('node:fs')
  const folder = openDataFolder({ path: ${JSON.stringify(path)}, partitions: 1, identity: {} })
  const reader = folder.reader()
  const owned = await new Promise((resolve) => reader.own({ assigned: resolve, revoked() {} }))
  for await (const _ of owned.checkpoints());
  const write = async () => {
    for (let offset = await folder.writer.append(0, []); ; offset += 3) {
      const note = { key: 'next', value: String(offset + 3) }
      await folder.writer.append(0, [0, 1, 2].map((i) => 'frame ' + (offset + i) + '#'.repeat(20_000)), { note })
      writeSync(1, 'appended ' + (offset + 2) + '\\n')
    }
  }
  const fold = async () => {
    for (let previousPosition = await owned.committed(); ; ) {
      const [record] = await owned.read((previousPosition?.offset ?? -1) + 1, { bytesMax: 1, waitMs: 1000 })
      if (record === undefined) continue
      const seq = record.offset + 1
      const checkpoints = [{ bucket: seq % 5, metadata: String(seq), bytes: new Uint8Array(200_000).fill(seq) }]
      const batch = sampleBatch({ previousPosition, position: positionAt(record.offset), outputs: sampleOutputs([2 * seq - 1, 2 * seq]), checkpoints })
      if (await owned.commit(batch) !== 'committed') process.exit(1)
      previousPosition = batch.position
      writeSync(1, 'committed ' + record.offset + '\\n')
    }
  }
  await Promise.all([write(), fold()])`

describe('a data folder whose process was killed', () => {
  it('has every append and commit that was answered, each batch complete, and nothing twice', async () => {
    using home = temporaryFolder()
    const path = join(home.path, 'data')
    const faultLog = join(home.path, 'faults')
    const phases: string[] = []
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, ['--conditions=rondo-source', '--input-type=module', '-e', source(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, RONDO_FAULT_LOG: faultLog },
      })
      let answers = ''
      child.stdout.on('data', (chunk) => {
        answers += chunk
      })
      await once(child.stdout, 'data')
      await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      await once(child, 'close')
      expect(child.signalCode).toBe('SIGKILL')
      phases.push(...phasesAtDeath(existsSync(faultLog) ? readFileSync(faultLog, 'utf8') : '', child.pid ?? 0))
      await expectComplete(path, answers)
    }
    // A kill comes at a random time. If all eight kills came between two phases, this test would have tested nothing.
    expect(phases.length).toBeGreaterThan(0)
  })
})

async function expectComplete(path: string, answers: string): Promise<void> {
  const last = (what: string) => Number([...answers.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? -1)
  const folder = openDataFolder({ path, partitions: 1, identity: {} })
  const reader = folder.reader()
  const state = folder.stateReader()
  try {
    const owned = await ownedBy(reader)
    const next = await folder.writer.append(0, [])
    expect(next).toBeGreaterThan(last('appended'))
    expect(folder.writer.note('next')).toBe(String(next))
    const records = await readAll(owned, next)
    expect(records.map(({ frame }) => frame.split('#')[0])).toEqual(Array.from({ length: next }, (_, i) => `frame ${i}`))
    const committed = (await owned.committed())?.offset ?? -1
    expect(committed).toBeGreaterThanOrEqual(last('committed'))
    const seqs = (await state.read(0, 10_000)).map(({ output }) => JSON.parse(output).seq)
    expect(seqs).toEqual(Array.from({ length: 2 * (committed + 1) }, (_, i) => i + 1))
    const parts = (await allCheckpoints(owned)).map(({ metadata, bytes }) => [Number(metadata), bytes.every((byte) => byte === Number(metadata) % 256)])
    const newest = Array.from({ length: Math.min(5, committed + 1) }, (_, i) => [committed + 1 - i, true])
    expect(parts.sort(([a], [b]) => Number(b) - Number(a))).toEqual(newest)
  } finally {
    state.close()
    await reader.close()
    await folder.close()
  }
}
