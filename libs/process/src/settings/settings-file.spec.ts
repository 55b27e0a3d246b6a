import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { temporaryFolder } from '#runtime'
import { duration } from './configuration.ts'
import { readVariables, settingsFileSetting } from './settings-file.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

const shape = { stall: duration('1s', '1d').prefault('60s'), name: z.string().prefault(''), ...settingsFileSetting }
const file = join(home.path, 'rondo.env')
const read = (text: string, environment: Record<string, string> = {}, args: string[] = ['--settings', file]) => {
  writeFileSync(file, text)
  return readVariables(shape, args, (name) => environment[name])
}

describe('a file of settings', () => {
  it('gives values that neither the arguments nor the environment have', () => {
    const { variable, defects } = read('# a comment\n\nRONDO_STALL=90s\nexport RONDO_NAME="a # b"\n', { RONDO_PORT: '1' })
    expect([defects, variable('RONDO_STALL'), variable('RONDO_NAME'), variable('RONDO_PORT'), variable('RONDO_OTHER')]).toEqual([
      [],
      '90s',
      'a # b',
      '1',
      undefined,
    ])
  })

  it('may be named in the environment, and is not needed', () => {
    expect(read('RONDO_STALL=5s', { RONDO_SETTINGS: file }, []).variable('RONDO_STALL')).toBe('5s')
    expect(read('RONDO_STALL=5s', {}, []).variable('RONDO_STALL')).toBe(undefined)
  })

  it.each([
    ['RONDO_STAL=90s', 'RONDO_STAL: this app has no such setting; did you mean RONDO_STALL?'],
    ['PATH=/bin', 'PATH: this app has no such setting'],
    ['stall: 90s', 'expected NAME=value on one line, such as RONDO_STALL=90s'],
    ['RONDO_NAME="open', 'expected NAME=value on one line'],
    ['RONDO_SETTINGS=other.env', 'RONDO_SETTINGS: this file cannot name another one'],
    ['RONDO_PORT=1', 'RONDO_PORT: it is among the variables of the process too, where it cannot change'],
    ['RONDO_STALL=1m', 'RONDO_STALL: it is among the arguments of the process too'],
  ])('is refused with the line of its defect: %s', (line, defect) => {
    writeFileSync(file, `# first\n${line}\n`)
    const args = ['--settings', file, ...(line.startsWith('RONDO_STALL=') ? ['--stall=5s'] : [])]
    const { defects } = readVariables({ ...shape, port: z.string() }, args, (name) => (name === 'RONDO_PORT' ? '2' : undefined))
    expect(defects).toEqual([expect.stringContaining(`${file}:2: ${defect}`)])
  })

  it('that cannot be read is a defect', () => {
    expect(readVariables(shape, ['--settings', join(home.path, 'missing.env')], () => undefined).defects).toEqual([
      expect.stringContaining('cannot be read: ENOENT'),
    ])
  })
})
