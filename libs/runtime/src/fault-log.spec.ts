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
  it('tell in which phases a killed process was', () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'faults')
    const first = killedChild({ RONDO_FAULT_LOG: path })
    const second = killedChild({ RONDO_FAULT_LOG: path })
    const written = readFileSync(path, 'utf8')
    expect(phasesAtDeath(written, first)).toEqual(['state-transaction', 'group-commit'])
    expect(phasesAtDeath(written, second)).toEqual(['state-transaction', 'group-commit'])
    expect(phasesAtDeath(written, -1)).toEqual([])
  })

  it('write nothing where the variable is not set', () => {
    using folder = temporaryFolder()
    killedChild({ RONDO_FAULT_LOG: '' })
    expect(existsSync(join(folder.path, 'faults'))).toBe(false)
  })
})
