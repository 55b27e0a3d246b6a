import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { phasesAtDeath } from './fault-log.ts'
import { temporaryFolder } from './temporary-folder.ts'

const module = new URL('./fault-log.ts', import.meta.url).href

/** A child that dies by SIGKILL inside two nested phases, after leaving a third. */
function killedChild(environment: Record<string, string>): number {
  const source = `
    const { inPhase, faultPoint } = await import(${JSON.stringify(module)})
    faultPoint('state-transaction', 'enter')
    inPhase('checkpoint', () => 1)
    inPhase('group-commit', () => process.kill(process.pid, 'SIGKILL'))`
  const child = spawnSync(process.execPath, ['--conditions=rondo-source', '--input-type=module', '-e', source], { env: { ...process.env, ...environment } })
  expect(child.signal).toBe('SIGKILL')
  return child.pid
}

describe('fault points', () => {
  it('show in which phases a killed process was', () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'faults')
    const first = killedChild({ RONDO_FAULT_LOG: path })
    const second = killedChild({ RONDO_FAULT_LOG: path })
    const written = readFileSync(path, 'utf8')
    expect(phasesAtDeath(written, first)).toEqual(['state-transaction', 'group-commit'])
    expect(phasesAtDeath(written, second)).toEqual(['state-transaction', 'group-commit'])
    expect(phasesAtDeath(written, -1)).toEqual([])
  })

  it('hold a thread at the named edge of the named phase, so that a kill can happen there', () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'faults')
    const pid = killedChild({ RONDO_FAULT_LOG: path, RONDO_FAULT_HOLD: 'checkpoint leave 1' })
    const lines = readFileSync(path, 'utf8').split('\n')
    expect(lines.slice(0, 4)).toEqual(['state-transaction enter', 'checkpoint enter', 'checkpoint held', 'checkpoint leave'].map((line) => `${pid} 0 ${line}`))
    expect(phasesAtDeath(lines.slice(0, 3).join('\n'), pid)).toEqual(['state-transaction', 'checkpoint'])
  })

  it('write nothing if the variable is not set', () => {
    using folder = temporaryFolder()
    killedChild({ RONDO_FAULT_LOG: '' })
    expect(existsSync(join(folder.path, 'faults'))).toBe(false)
  })
})
