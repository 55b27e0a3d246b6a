import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { SimulatedClock, temporaryFolder } from '#runtime'
import { TextOutput } from '../text-output.ts'
import type { ImportFlags } from './import-flags.ts'
import { readImportPlan } from './import-plan.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const rows = join(folder.path, 'rows.csv')
writeFileSync(rows, 'who,when\na,2026-01-01\n')
const definition = join(import.meta.dirname, '../../../../test/fixtures/cycles/presence-30d.yaml')
const CSV = { input: rows, csv: true, actor: 'who', time: 'when' }

function read(flags: ImportFlags, ...surplus: string[]) {
  return readImportPlan(flags, surplus, {
    input: (async function* () {})(),
    output: new TextOutput('standard output', () => process.stdout),
    messages: { write: () => true },
    clock: new SimulatedClock(),
    stop: new AbortController().signal,
  })
}

const defectsOf = (flags: ImportFlags, ...surplus: string[]): string[] => read(flags, ...surplus).failures.map(({ message, code }) => `${message} ${code}`)

describe('the plan of an import', () => {
  it('goes to the Rondo of this machine unless another address is given', () => {
    expect(read(CSV).plan).toMatchObject({ destination: { server: { url: 'http://127.0.0.1:8080' } }, shiftToNow: false, rows: { asRecorded: false } })
    expect(read({ ...CSV, url: 'http://there:1/rondo/' }).plan).toMatchObject({ destination: { server: { url: 'http://there:1/rondo' } } })
    expect(read({ ...CSV, data: 'd', definition: [definition], shiftToNow: true }).plan).toMatchObject({
      destination: { folder: 'd', definitions: [{ cycle: 'presence' }] },
      shiftToNow: true,
    })
  })

  it('accepts rows from the future only if they are moved', () => {
    expect(defectsOf({ ...CSV, allowFuture: true })).toEqual([expect.stringContaining('--allow-future needs --shift-to-now')])
    expect(read({ ...CSV, allowFuture: true, shiftToNow: true }).plan).toMatchObject({ allowFuture: true })
    expect(read({ ...CSV, to: '2026-02-01', encoding: 'latin1' }).plan?.rows).toMatchObject({ to: Date.UTC(2026, 1), input: { encoding: 'latin1' } })
  })

  it('has one kind of destination, and a folder needs a valid definition', () => {
    expect(defectsOf({ ...CSV, url: 'http://a', data: 'd', definition: [definition] })).toEqual([expect.stringContaining('exclude each other')])
    expect(defectsOf({ ...CSV, data: 'd' })).toEqual([expect.stringContaining('--data needs --definition')])
    expect(defectsOf({ ...CSV, definition: [definition] })).toEqual([expect.stringContaining('--definition belongs to --data')])
    const broken = join(folder.path, 'broken.yaml')
    writeFileSync(broken, 'cycle: x\n')
    const { plan, notes, failures } = read({ ...CSV, data: 'd', definition: [broken] })
    expect(plan).toBeUndefined()
    expect(notes.length).toBeGreaterThan(1)
    expect(failures.map(({ code }) => code)).toEqual(['RONDO_DEFINITION_INVALID'])
  })

  it('has the cycles that will run there in the order of their definitions, with those of a folder', () => {
    const cycles = join(import.meta.dirname, '../../../../deploy/cycles')
    const { plan } = read({ ...CSV, data: 'd', definition: [definition, cycles] })
    const definitions = plan !== undefined && 'definitions' in plan.destination ? plan.destination.definitions : []
    expect(definitions.map(({ cycle }) => cycle)).toEqual(['presence', 'listener', 'musician', 'shopper'])
    expect(defectsOf({ ...CSV, data: 'd', definition: [definition, definition] })).toEqual([
      expect.stringMatching(/one name: presence in .*RONDO_DEFINITION_INVALID/),
    ])
  })

  it('goes to Kafka with the settings of its topics', () => {
    const kafka = { brokers: ['a:1', 'b:2'], prefix: 'x.', partitions: 3, replication: 1 }
    expect(read({ ...CSV, brokers: 'a:1,b:2', prefix: 'x.', partitions: '3', replication: '1', definition: [definition] }).plan).toMatchObject({
      destination: { kafka },
    })
    expect(read({ ...CSV, brokers: 'a:1', definition: [definition] }).plan).toMatchObject({
      destination: { kafka: { partitions: 6, replication: 3, prefix: '' } },
    })
    expect(defectsOf({ ...CSV, brokers: 'a', partitions: '0', replication: 'x' })).toHaveLength(4)
    expect(defectsOf({ ...CSV, brokers: 'a:1', data: 'd', definition: [definition] })).toEqual([expect.stringContaining('exclude each other')])
  })

  it('is refused with all defects at once', () => {
    const messages = defectsOf({ input: join(folder.path, 'none.csv'), csv: true, from: 'yesterday', url: 'there', where: ['bot'] }, '--shift', 'x')
    const expected = ['--shift', 'none.csv', '--actor COLUMN', '--time COLUMN', '"bot"', '"yesterday"', '--url']
    expect(expected.filter((text) => !messages.some((line) => line.includes(text)))).toEqual([])
    expect(messages).toHaveLength(expected.length)
    expect(defectsOf({})).toEqual([expect.stringContaining('--input FILE is missing')])
  })
})
