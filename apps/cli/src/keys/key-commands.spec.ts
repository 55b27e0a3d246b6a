import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { openFolderActs } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

let home: TemporaryFolder
beforeEach(() => {
  home = temporaryFolder()
})
afterEach(() => home[Symbol.dispose]())

const folder = (): string => join(home.path, 'data')
const key = (...args: string[]) => rondo('key', ...args, '--data', folder())
const made = async (role: string, name: string): Promise<string> => (await key('create', '--role', role, '--name', name)).output.trim()
const idOf = (text: string): string => text.split('_')[2] ?? ''

async function storedActs() {
  const acts = openFolderActs(folder())
  try {
    return await acts.read()
  } finally {
    await acts.close()
  }
}

it('keys of a folder are made, listed, replaced and revoked without a server; each act is recorded as offline, without the text', async () => {
  const [admin, shop] = [await made('admin', 'ann'), await made('write', 'shop')]
  const replaced = await key('rotate', idOf(shop), '--overlap', '1h')
  expect(replaced).toMatchObject({ code: 0, output: expect.stringMatching(/^rondo_write_\w+\n$/) })
  expect((await key('revoke', idOf(replaced.output))).messages).toMatch(/^rondo: the write key \w+ \(shop\) has ended\.\n$/)
  expect((await key('list')).output).toMatch(/^\w+ {2}admin {2}no end +ann\n\w+ {2}write {2}ends \S+ +shop\n\w+ {2}write {2}ended \S+ +shop\n$/)
  const acts = await storedActs()
  expect(acts.map(({ kind, by }) => `${kind} ${by}`)).toEqual([
    'key-created offline',
    'key-created offline',
    'key-created offline',
    'key-ended offline',
    'key-ended offline',
  ])
  for (const text of [admin, shop, replaced.output.trim()]) expect(JSON.stringify(acts)).not.toContain(text)
})

it('the list shows what a key is limited to', async () => {
  await key('create', '--role', 'write', '--name', 'web', '--source', 'shop', '--origin', 'https://shop.example', '--events-per-second', '500')
  await key('create', '--role', 'read', '--name', 'board', '--cycle', 'shopper', '--environment', 'test')
  expect((await key('list')).output.split('\n').map((line) => line.replace(/^.* no end +/, ''))).toEqual([
    'web  source shop  origins https://shop.example  500 events a second',
    'board  environment test  cycles shopper',
    '',
  ])
})

it('a key that has ended is not ended again: the audit log stays as it is', async () => {
  const shop = idOf(await made('write', 'shop'))
  for (const _ of ['first', 'second']) expect((await key('revoke', shop)).messages).toBe(`rondo: the write key ${shop} (shop) has ended.\n`)
  expect((await storedActs()).map(({ kind }) => kind)).toEqual(['key-created', 'key-ended'])
})

it('a bad request makes no key, and names each defect', async () => {
  expect(await key('create', '--role', 'owner', '--name', '')).toMatchObject({ code: 2, output: '', messages: expect.stringMatching(/role.*name/) })
  expect(await key('list')).toMatchObject({ code: 0, output: '' })
  expect(await key('rotate', '0'.repeat(12))).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_NOT_FOUND') })
  const admin = await made('admin', 'ann')
  expect(await key('rotate', idOf(admin), '--overlap', '99d')).toMatchObject({ code: 2, messages: expect.stringContaining('Expected a duration up to 30d') })
  expect(await key('revoke', idOf(admin))).toMatchObject({ code: 2, messages: expect.stringContaining('is the last admin key') })
  expect(await storedActs()).toHaveLength(1)
})

it('a folder that a process uses is refused', async () => {
  const acts = openFolderActs(folder())
  expect(await key('list')).toMatchObject({ code: 1, messages: expect.stringMatching(/is in use by another Rondo process.*RONDO_DATA_LOCKED/) })
  await acts.close()
  expect(await key('list')).toMatchObject({ code: 0, output: '' })
})

it('a missing folder is made for a new key alone, and the command says so', async () => {
  for (const command of [['list'], ['rotate', '0'.repeat(12)], ['revoke', '0'.repeat(12)]])
    expect(await key(...command)).toMatchObject({ code: 2, messages: expect.stringContaining(`there is no folder ${folder()}`) })
  expect(existsSync(folder())).toBe(false)
  expect((await key('create', '--role', 'admin', '--name', 'ann')).messages).toContain(`there was no folder ${folder()}: a new one is made`)
  expect((await key('create', '--role', 'write', '--name', 'shop')).messages).not.toContain('a new one is made')
})

it('options that name two targets, or none that can be used, are refused', async () => {
  const two = await key('list', '--url', 'http://127.0.0.1:1')
  expect(two).toMatchObject({ code: 2, messages: expect.stringContaining('--url and --data: expected only one of them') })
  expect(await rondo('key', 'list', '--brokers', 'kafka')).toMatchObject({ code: 2, messages: expect.stringContaining('--brokers: ') })
  expect(await rondo('key', 'list', '--brokers', 'kafka:9092', '--replication', 'all')).toMatchObject({
    code: 2,
    messages: expect.stringContaining('--replication: expected a whole number'),
  })
})
