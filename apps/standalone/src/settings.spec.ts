import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { checkArchive, settings } from './settings.ts'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/operate.md'), 'utf8')
const section = guide.slice(guide.indexOf('\n## Settings\n'), guide.indexOf('\n## Probes and shutdown\n'))
const own = section.slice(section.indexOf('`rondo start`'))
const variables = Object.keys(settings).map((name) => `RONDO_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`)

describe('the settings of standalone', () => {
  it('refuse the data folder as the archive, also the one that needs no name', () => {
    for (const [folders, archive] of [
      [{ data: '/srv/rondo' }, '/srv/rondo/'],
      [{}, './data'],
    ] as const)
      expect(() => checkArchive({ ...folders, archive })).toThrow(expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID' }))
    expect(() => checkArchive({ data: '/srv/rondo', archive: '' })).not.toThrow()
    expect(() => checkArchive({ data: '/srv/rondo', archive: '/srv/archive' })).not.toThrow()
  })
})

it('how long the archived log is kept is refused without an archive', () => {
  const archiveKeep = 86_400_000
  expect(() => checkArchive({ archive: '', archiveKeep })).toThrow(expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID' }))
  expect(() => checkArchive({ archive: '/srv/archive', archiveKeep })).not.toThrow()
  expect(() => checkArchive({ archive: '', archiveKeep: 7 * 86_400_000 })).not.toThrow()
})

describe('the guide to operation', () => {
  it('lists every setting of standalone, and no other', () => {
    expect([...new Set(own.match(/RONDO_[A-Z_]+/g))].toSorted()).toEqual(variables.toSorted())
  })

  it('gives the default of every setting of standalone that has one', () => {
    const defaults = Object.values(settings).map((schema) => (schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : ''))
    const missing = variables.filter((variable, at) => !section.split('\n').some((line) => line.includes(variable) && line.includes(defaults[at] ?? '')))
    expect(missing).toEqual([])
  })
})
