import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { readRegularFile } from './regular-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

describe('a regular file', () => {
  it('is read whole up to its largest size, and refused above it', () => {
    const file = join(home.path, 'file')
    writeFileSync(file, 'x'.repeat(100_000))
    expect(readRegularFile(file, { bytesMax: 100_000 }).toString()).toBe('x'.repeat(100_000))
    expect(() => readRegularFile(file, { bytesMax: 99_999 })).toThrow('it is larger than 99999 bytes')
  })

  it.each([
    ['a pipe', 'it is not a regular file', () => execFileSync('mkfifo', [join(home.path, 'pipe')]) && join(home.path, 'pipe')],
    ['a device', 'it is not a regular file', () => '/dev/zero'],
    ['a folder', 'it is a folder', () => home.path],
    ['missing', 'ENOENT', () => join(home.path, 'missing')],
  ])('is not %s, which is refused at once', (_, reason, pathOf) => {
    const path = pathOf()
    expect(() => readRegularFile(path, { bytesMax: 10 })).toThrow(reason)
  })
})
