import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { type DataFolder, type DataFolderOptions, openDataFolder } from './data-folder.ts'

const index = new URL('../index.ts', import.meta.url).href
const files = ['log.db', 'state.db', 'lock.db'] as const

describe('a data folder', () => {
  let home: TemporaryFolder
  let opened: DataFolder[]
  let children: ChildProcess[]

  beforeEach(() => {
    home = temporaryFolder()
    opened = []
    children = []
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    for (const folder of opened) await folder.close()
    home[Symbol.dispose]()
  })

  function open(parts: Partial<DataFolderOptions> = {}): DataFolder {
    const folder = openDataFolder({ path: join(home.path, 'data'), partitions: 1, identity: { cycle: 'listener' }, ...parts })
    opened.push(folder)
    return folder
  }
  const makeFolder = async () => {
    const folder = open()
    await folder.writer.append(0, ['a', 'b'])
    await folder.close()
  }
  const at = (file: string) => join(home.path, 'data', file)

  it('is created if it is missing, and opened again with its data', async () => {
    const first = open({ path: join(home.path, 'a', 'b', 'data') })
    expect(await first.writer.append(0, ['a'])).toBe(0)
    await first.close()
    expect(await open({ path: join(home.path, 'a', 'b', 'data') }).writer.append(0, ['b'])).toBe(1)
  })

  it('is opened by one process at a time, and by the next process after that one is killed', async () => {
    const source = `const { openDataFolder } = await import(${JSON.stringify(index)})
      openDataFolder({ path: ${JSON.stringify(at(''))}, partitions: 1, identity: { cycle: 'listener' } })
      // Nothing refers to the folder any more. Its garbage must not contain the lock.
      setTimeout(() => { gc(); setTimeout(() => { console.log('opened'); setInterval(() => {}, 1000) }) })`
    const child = spawn(process.execPath, ['--conditions=rondo-source', '--expose-gc', '--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(child.stdout, 'data')
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'RONDO_DATA_LOCKED', message: expect.stringMatching(new RegExp(`data is in use by .*process ${child.pid}`)) }),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await open().writer.append(0, ['a'])).toBe(0)
  })

  it('is opened once in a process, too, but other threads of the process can read and commit', async () => {
    const folder = open()
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_LOCKED' }))
    await folder.writer.append(0, ['a'])
    const source = `import { parentPort } from 'node:worker_threads'
      const { joinDataFolder } = await import(${JSON.stringify(index)})
      const reader = joinDataFolder({ path: ${JSON.stringify(folder.path)}, partitions: 1 })
      await reader.own({ revoked() {}, async assigned(owned) {
        const [record] = await owned.read(0, { bytesMax: 1000, waitMs: 0 })
        const batch = { previousPosition: undefined, position: { offset: record.offset, index: 0, cursor: null }, logTime: 0, outputs: [], late: [], quarantine: [], checkpoints: [], names: [] }
        parentPort.postMessage([record.frame, await owned.commit({ ...batch, partitionMetadata: '{"n":1}' })])
        await reader.close()
      } })`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: ['--conditions=rondo-source'] })
    expect((await once(worker, 'message'))[0]).toEqual(['a', 'committed'])
    await once(worker, 'exit')
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_LOCKED' }))
  })

  it.each([
    ['log.db', 'x'],
    ['state.db', 'A shopping list.'],
    ...files.map((file) => [file, 'The quick brown fox jumps over the lazy dog.\n'.repeat(50)] as const),
  ])('leaves a foreign %s as it is', (file, contents) => {
    mkdirSync(at(''))
    writeFileSync(at(file), contents)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_FOREIGN', message: expect.stringContaining(at(file)) }))
    expect(readFileSync(at(file), 'utf8')).toBe(contents)
  })

  it.each(['log.db', 'state.db'])('leaves a %s of another program as it is', (file) => {
    mkdirSync(at(''))
    const db = new DatabaseSync(at(file))
    db.exec('CREATE TABLE bookmarks (url TEXT)')
    db.close()
    const before = readFileSync(at(file))
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_FOREIGN', message: expect.stringContaining(at(file)) }))
    expect(readFileSync(at(file)).equals(before)).toBe(true)
  })

  it.each(['log.db', 'state.db'])('refuses a %s of a later layout', async (file) => {
    await makeFolder()
    const db = new DatabaseSync(at(file))
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining('layout 99') }))
  })

  it('refuses a state.db of an earlier layout, and continues without it', async () => {
    await makeFolder()
    const db = new DatabaseSync(at('state.db'))
    db.exec('PRAGMA user_version = 1')
    db.close()
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message: expect.stringMatching(/layout 1; .*Delete it: .*from log\.db/) }),
    )
    rmSync(at('state.db'))
    expect(await open().writer.append(0, [])).toBe(2)
  })

  it('accepts a state.db of the layout that had no names of events', async () => {
    await makeFolder()
    const db = new DatabaseSync(at('state.db'))
    db.exec('DROP TABLE names; PRAGMA user_version = 4')
    db.close()
    const reader = open().stateReader()
    expect(await reader.names(0)).toEqual([])
    reader.close()
  })

  it('accepts a log.db of the first layout, which held no events', async () => {
    await makeFolder()
    const db = new DatabaseSync(at('log.db'))
    db.exec('DROP TABLE held; DROP TABLE acts; PRAGMA user_version = 1')
    db.close()
    const folder = open()
    expect(await folder.writer.append(0, ['c'], { held: [{ frame: 'later', arrival: 7 }] })).toBe(2)
    expect(folder.writer.held(100)).toEqual({ frames: [{ frame: 'later', arrival: 7 }], lastNumber: 1, isAll: true })
    await folder.close()
    expect(await open().writer.append(0, [])).toBe(3)
  })

  it('refuses a path that is a file', () => {
    writeFileSync(at(''), 'a,b\n')
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_UNREADABLE', message: expect.stringContaining('is a file, not a folder') }))
  })

  it('refuses another definition, with both in the message', async () => {
    await makeFolder()
    const mismatch = (message: string) => expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining(message) })
    expect(() => open({ partitions: 2 })).toThrow(mismatch('with partitions 1, not 2'))
    expect(() => open({ identity: { cycle: 'listener', definition: 'x' } })).toThrow(mismatch('with definition none, not x. The rules have changed since'))
    expect(() => open({ identity: {} })).toThrow(mismatch('with cycle listener, not none'))
    expect(await open().writer.append(0, [])).toBe(2)
  })

  describe('with several cycles', () => {
    const state = (cycle: string, definition = 'x') => ({ identity: { cycle, definition } })
    const filesOf = (folder: DataFolder) => folder.states.map(({ stateFile }) => stateFile)

    it('keeps the state file of an older folder for the cycle that it was made for, in any order of the definitions', async () => {
      await open({ ...state('listener') }).close()
      const folder = open({ ...state('shopper'), others: [state('listener'), state('band')] })
      expect([filesOf(folder), folder.unused]).toEqual([['state-shopper.db', 'state.db', 'state-band.db'], []])
      await folder.close()
      expect(filesOf(open({ ...state('band'), others: [state('shopper'), state('listener')] }))).toEqual(['state-band.db', 'state-shopper.db', 'state.db'])
    })

    it('gives state.db in a new folder to the first one, and again to the cycle without a file if it was deleted', async () => {
      const folder = open({ ...state('listener'), others: [state('shopper')] })
      expect(filesOf(folder)).toEqual(['state.db', 'state-shopper.db'])
      await folder.close()
      rmSync(at('state.db'))
      expect(filesOf(open({ ...state('shopper'), others: [state('listener')] }))).toEqual(['state-shopper.db', 'state.db'])
    })

    it('leaves the files of cycles that are not given as they are, and names them', async () => {
      await open({ ...state('listener'), others: [state('shopper')] }).close()
      const folder = open(state('band'))
      expect([filesOf(folder), folder.unused]).toEqual([
        ['state-band.db'],
        [
          { name: 'state.db', cycle: 'listener', failure: undefined },
          { name: 'state-shopper.db', cycle: 'shopper', failure: undefined },
        ],
      ])
      await folder.close()
      expect(filesOf(open({ ...state('listener'), others: [state('shopper')] }))).toEqual(['state.db', 'state-shopper.db'])
    })

    it('refuses a changed definition of one of them, with its file in the message', async () => {
      await open({ ...state('listener'), others: [state('shopper')] }).close()
      const changed = expect.objectContaining({
        code: 'RONDO_DATA_MISMATCH',
        message: expect.stringContaining('state-shopper.db was made with definition x, not y'),
      })
      expect(() => open({ ...state('listener'), others: [state('shopper', 'y')] })).toThrow(changed)
    })

    it('opens the others when one state file is damaged, and says which file to delete', async () => {
      const opened = () => open({ ...state('listener'), others: [state('shopper'), state('band')] })
      const before = opened()
      const frame = await before.writer.append(0, ['{}'])
      await before.close()
      const path = at('state-shopper.db')
      truncateSync(path, statSync(path).size / 2)
      const folder = opened()
      const damaged = {
        code: 'RONDO_DATA_CORRUPT',
        message: expect.stringMatching(/state-shopper\.db is damaged.* delete this one file: .* folded again from log\.db/),
      }
      expect(folder.states.map(({ failure }) => failure)).toEqual([undefined, expect.objectContaining(damaged), undefined])
      expect(await folder.writer.append(0, ['{}'])).toBe(frame + 1)
      await expect(folder.states[1]?.stateReader().read(0, 1)).rejects.toMatchObject(damaged)
      await folder.close()
      // A single cycle is refused with the same advice.
      expect(() => open(state('shopper'))).toThrow(expect.objectContaining(damaged))
      rmSync(path)
      expect(opened().states.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    })

    it('opens the others when state.db is of another program, and shows what the log refused', async () => {
      await open({ ...state('listener'), others: [state('shopper')] }).close()
      writeFileSync(at('state.db'), 'a text '.repeat(100))
      const folder = open({ ...state('listener'), others: [state('shopper')] })
      expect(folder.states.map(({ failure }) => failure?.code)).toEqual(['RONDO_DATA_FOREIGN', undefined])
      expect(folder.states[0]?.failure?.message).toContain('Move this one file away')
      const refused = folder.refusedStore()
      expect(await refused.read('0', 10)).toEqual([])
      await refused.close()
    })

    it('names files that are no state, and a second state of one cycle, as what they are', async () => {
      await open({ ...state('listener'), others: [state('shopper')] }).close()
      copyFileSync(at('state.db'), at('state-listener.db'))
      writeFileSync(at('state-old.db'), 'a text '.repeat(100))
      expect(open({ ...state('listener'), others: [state('shopper')] }).unused).toEqual([
        { name: 'state-listener.db', cycle: 'listener', failure: undefined },
        { name: 'state-old.db', cycle: 'old', failure: expect.objectContaining({ code: 'RONDO_DATA_FOREIGN' }) },
      ])
    })

    it('refuses a state file without the log that it was made from', async () => {
      await open({ ...state('listener'), others: [state('shopper')] }).close()
      for (const file of ['log.db', 'state.db']) rmSync(at(file))
      expect(() => open(state('listener'))).toThrow(
        expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining('state-shopper.db') }),
      )
    })
  })

  it('refuses files that do not belong together', async () => {
    await makeFolder()
    const other = open({ path: join(home.path, 'other') })
    await other.close()
    copyFileSync(join(home.path, 'other', 'state.db'), at('state.db'))
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining('belong together') }))
    rmSync(at('log.db'))
    for (const _ of ['first', 'second']) {
      expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_MISMATCH' }))
    }
  })

  it('creates an empty state.db if it is missing', async () => {
    await makeFolder()
    rmSync(at('state.db'))
    const folder = open()
    expect(await folder.writer.append(0, [])).toBe(2)
    const state = folder.stateReader()
    expect(await state.read(0, 10)).toEqual([])
    state.close()
  })

  it('refuses a path that cannot be used, with the path in the message', () => {
    writeFileSync(join(home.path, 'file'), '')
    expect(() => open({ path: join(home.path, 'file') })).toThrow(expect.objectContaining({ code: 'RONDO_DATA_UNREADABLE' }))
    expect(() => open({ path: join(home.path, 'file', 'below') })).toThrow(expect.objectContaining({ code: 'RONDO_DATA_UNREADABLE' }))
    const folderRefused = expect.objectContaining({
      code: 'RONDO_DATA_UNREADABLE',
      message: expect.stringMatching(/^The data folder \/proc\/rondo\/data cannot be created or read\. Check the path, .* \(E/),
    })
    expect(() => open({ path: '/proc/rondo/data' })).toThrow(folderRefused)
    mkdirSync(at('log.db'), { recursive: true })
    expect(() => open()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_UNREADABLE', message: expect.stringContaining(at('log.db')) }))
    rmSync(at('log.db'), { recursive: true })
    open()
  })
})
