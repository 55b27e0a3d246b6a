import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { readLiveDefinitions } from '#process'
import { openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { PULSE } from '../../../test/fixtures/cycles/pulse.ts'
import { folderDefects } from './folder-check.ts'

let home: TemporaryFolder
let data: string
beforeEach(() => {
  home = temporaryFolder()
  data = join(home.path, 'data')
})
afterEach(() => home[Symbol.dispose]())

const definitionsOf = (text: string) => {
  const file = join(home.path, 'pulse.yaml')
  writeFileSync(file, text)
  return readLiveDefinitions([file], { shortGrace: true })
}

it('folders that are missing can be made, and are not made by the check', () => {
  expect(folderDefects({ data: join(data, 'inner'), archive: join(home.path, 'archive'), definitions: definitionsOf(PULSE) })).toEqual([])
  expect(readdirSync(home.path)).toEqual(['pulse.yaml'])
})

it('a file, and a place where nothing can be made, are no folders; each is named', () => {
  writeFileSync(data, '')
  const defects = folderDefects({ data, archive: '/proc/rondo', definitions: definitionsOf(PULSE) })
  expect(defects.map(({ code, message }) => [code, message])).toEqual([
    ['RONDO_DATA_UNREADABLE', expect.stringContaining(`--data ${data}: ${data} is a file, not a folder.`)],
    ['RONDO_DATA_UNREADABLE', expect.stringContaining('--archive /proc/rondo: it is not there and cannot be made')],
  ])
})

it('a definition with other rules is named with what to do, also while a process runs on the folder', async () => {
  const definitions = definitionsOf(PULSE)
  const [first] = definitions
  if (first === undefined) throw new TypeError('the definition of the test has a defect')
  const folder = openCycleFolder(data, first.cycle)
  expect(folderDefects({ data, archive: '', definitions })).toEqual([])
  const changed = definitionsOf(PULSE.replace('1500ms', '1600ms'))
  expect(folderDefects({ data, archive: '', definitions: changed })).toEqual([
    expect.objectContaining({
      code: 'RONDO_DATA_MISMATCH',
      message: expect.stringMatching(/pulse\.yaml: the cycle pulse has other rules than .*give the changed cycle a name of its own/),
    }),
  ])
  await folder.close()
})

it('a log of another program is found', () => {
  mkdirSync(data)
  writeFileSync(join(data, 'log.db'), 'a diary')
  expect(folderDefects({ data, archive: '', definitions: [] })).toEqual([expect.objectContaining({ code: 'RONDO_DATA_FOREIGN' })])
})
