import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { temporaryFolder } from '#runtime'
import { duration } from './configuration.ts'
import { secret } from './secret-setting.ts'
import { readVariables, settingsFileSetting } from './settings-file.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

const shape = { stall: duration('1s', '1d').prefault('60s'), name: z.string().prefault(''), password: secret('a password'), ...settingsFileSetting }
const file = join(home.path, 'rondo.env')
const read = (text: string, environment: Record<string, string> = {}, args: string[] = ['--settings', file]) => {
  writeFileSync(file, text)
  return readVariables(shape, args, (name) => environment[name])
}

describe('a file of settings', () => {
  it('gives values that neither the arguments nor the environment have', () => {
    const { variable, defects } = read('# a comment\n\nRONDO_STALL=90s\nRONDO_NAME="a # b"\n', { RONDO_PORT: '1' })
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
    ['RONDO_STALL_FILE=/a', 'RONDO_STALL_FILE: this app has no such setting'],
    ['export\tRONDO_NAME=a', 'expected NAME=value on one line'],
    ['stall: 90s', 'expected NAME=value on one line, such as RONDO_LOG_LEVEL=debug'],
    ['RONDO_NAME="open', 'RONDO_NAME: put a value with a space, a quote'],
    ['RONDO_PASSWORD_FILE=/a', 'RONDO_PASSWORD_FILE: it is among the arguments of the process too'],
    ['RONDO_SETTINGS=other.env', 'RONDO_SETTINGS: this file cannot name another one'],
    ['RONDO_PORT=1', 'RONDO_PORT: it is among the variables of the process too, where it cannot change'],
    ['RONDO_STALL=1m', 'RONDO_STALL: it is among the arguments of the process too'],
  ])('is refused with the line of its defect: %s', (line, defect) => {
    writeFileSync(file, `# first\n${line}\n`)
    const args = ['--settings', file, '--password-file=/b', ...(line.startsWith('RONDO_STALL=') ? ['--stall=5s'] : [])]
    const { defects } = readVariables({ ...shape, port: z.string() }, args, (name) => (name === 'RONDO_PORT' ? '2' : undefined))
    expect(defects).toEqual([expect.stringContaining(`${file}:2: ${defect}`)])
  })

  it('lists the first defects in the order of the lines, and counts the others', () => {
    const { defects } = read(`RONDO_NONSENSE=1\n${'?\n'.repeat(2_000)}`)
    expect([defects.length, defects[0], defects.at(-1)]).toEqual([11, expect.stringContaining(':1: RONDO_NONSENSE'), '1991 more defects are not listed'])
  })

  it('that is larger than 64 KiB, or no UTF-8 text, is a defect', () => {
    expect(read(`#${'x'.repeat(65_536)}`).defects).toEqual([expect.stringContaining('cannot be read: it is larger than 65536 bytes')])
    writeFileSync(file, Buffer.from([0xff, 0xfe]))
    expect(readVariables(shape, ['--settings', file], () => undefined).defects).toEqual([expect.stringContaining('cannot be read')])
  })

  it('that cannot be read is a defect', () => {
    expect(readVariables(shape, ['--settings', join(home.path, 'missing.env')], () => undefined).defects).toEqual([
      expect.stringContaining('cannot be read: there is no such file'),
    ])
  })
})
