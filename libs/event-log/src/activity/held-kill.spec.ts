import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { phasesAtDeath, temporaryFolder } from '#runtime'
import { ownedBy, readAll } from '../conformance/fixture.ts'
import { openDataFolder } from '../sqlite/data-folder.ts'
import { ActivityLog } from './activity-log.ts'

const index = new URL('../index.ts', import.meta.url).href

/** A process that holds numbered events during one import after the other, and prints which are durable. */
const source = (path: string) => `
  const { ActivityLog, openDataFolder } = await import(${JSON.stringify(index)})
  const { writeSync } = await import('node:fs')
  const folder = openDataFolder({ path: ${JSON.stringify(path)}, partitions: 1, identity: {} })
  const log = new ActivityLog(folder.writer)
  const backfill = { id: 'b', source: 'rows', rows: 0, shiftMs: 0 }
  let number = Math.max(log.state.arrival ?? -1, log.state.held?.until ?? -1) + 1
  for (;;) {
    await log.write(() => ({ lines: ['begin'], change: { backfill } }))
    // 10 groups of 3 lines have 5.4 MB, more than is released at once (4 MB).
    for (let group = 0; group < 10; group++) {
      const lines = Array.from({ length: 3 }, (_, at) => (number + at) + '#'.repeat(180_000))
      await log.write(() => ({ lines: [], held: { lines, arrival: number + 2 }, change: {} }))
      number += 3
      writeSync(1, 'answered ' + (number - 1) + '\\n')
    }
    await log.write(() => ({ lines: ['end'], change: { backfill: null } }))
    await log.release()
  }`

describe('a folder whose process was killed while events were held', () => {
  it('has every answered event once and in its order, in the log or still held', async () => {
    using home = temporaryFolder()
    const path = join(home.path, 'data')
    const faultLog = join(home.path, 'faults')
    const phases: string[] = []
    const states: string[] = []
    // In every second round the process waits 200 ms at the beginning or at the end of a release (RONDO_FAULT_HOLD), and is killed there.
    for (let round = 0; round < 8; round++) {
      const env = {
        ...process.env,
        RONDO_FAULT_LOG: faultLog,
        ...(round % 2 === 0 ? { RONDO_FAULT_HOLD: `release ${round % 4 === 0 ? 'enter' : 'leave'} 200` } : {}),
      }
      const child = spawn(process.execPath, ['--conditions=rondo-source', '--input-type=module', '-e', source(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
      })
      let answers = ''
      child.stdout.on('data', (chunk) => {
        answers += chunk
      })
      await once(child.stdout, 'data')
      if (round % 2 === 0) await untilHeld(faultLog, child.pid ?? 0)
      else await sleep(Math.random() * 120)
      child.kill('SIGKILL')
      await once(child, 'close')
      phases.push(...phasesAtDeath(readFileSync(faultLog, 'utf8'), child.pid ?? 0))
      states.push(await expectComplete(path, Number([...answers.matchAll(/^answered (\d+)$/gm)].at(-1)?.[1] ?? -1)))
    }
    expect(phases).toContain('release')
    expect(states).toContain('held')
  })
})

/** Resolves when the process waits in a release. */
async function untilHeld(faultLog: string, pid: number): Promise<void> {
  while (!(existsSync(faultLog) && readFileSync(faultLog, 'utf8').includes(`${pid} 0 release held`))) await sleep(2)
}

/** Checks that the log, after a release, has every number up to `answered`. @returns whether events were held when the folder was opened */
async function expectComplete(path: string, answered: number): Promise<string> {
  const folder = openDataFolder({ path, partitions: 1, identity: {} })
  const log = new ActivityLog(folder.writer)
  const stateBefore = log.state.held === null ? 'none' : 'held'
  await log.write(() => ({ lines: ['end'], change: { backfill: null } }))
  await log.release()
  expect(log.state.held).toBe(null)
  const reader = folder.reader()
  const records = await readAll(await ownedBy(reader), await folder.writer.append(0, []))
  const numbers = records.flatMap(({ frame }) => frame.split('\n').flatMap((line) => (/^\d/.test(line) ? [Number.parseInt(line, 10)] : [])))
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at))
  expect(numbers.length).toBeGreaterThan(answered)
  expect(folder.writer.held(1)).toMatchObject({ frames: [], isAll: true })
  await reader.close()
  await folder.close()
  return stateBefore
}
