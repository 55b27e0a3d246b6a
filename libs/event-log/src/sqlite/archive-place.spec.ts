import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { checkArchivePlace } from './archive-place.ts'

describe('the folder of an archive', () => {
  it('is not the data folder, also by another path to it, and also before it exists', () => {
    using home = temporaryFolder()
    const data = join(home.path, 'data')
    const refused = expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining('it is the data folder') })
    expect(() => checkArchivePlace(data, `${data}/`)).toThrow(refused)
    mkdirSync(data)
    const link = join(home.path, 'link')
    symlinkSync(data, link)
    expect(() => checkArchivePlace(data, link)).toThrow(refused)
    expect(() => checkArchivePlace(join(link, 'new'), join(data, 'new'))).toThrow(refused)
  })

  it('has no data folder among its files, and is no file', () => {
    using home = temporaryFolder()
    const archive = join(home.path, 'archive')
    for (const data of ['partition=0', 'partition=0/data'])
      expect(() => checkArchivePlace(join(archive, data), archive)).toThrow(expect.objectContaining({ message: expect.stringContaining('among its files') }))
    writeFileSync(archive, '')
    expect(() => checkArchivePlace(join(home.path, 'data'), archive)).toThrow(expect.objectContaining({ message: expect.stringContaining('it is a file') }))
  })

  it('may be inside the data folder, around it, or anywhere else', () => {
    using home = temporaryFolder()
    const data = join(home.path, 'data')
    for (const archive of [join(data, 'archive'), home.path, join(home.path, 'data-archive'), '/proc/none/archive']) checkArchivePlace(data, archive)
    expect(() => checkArchivePlace(data, data)).toThrow()
  })
})
