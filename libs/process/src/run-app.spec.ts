import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { defectsOf } from './run-app.ts'
import { readConfiguration } from './settings/configuration.ts'
import { kafkaSettings } from './settings/kafka-configuration.ts'
import { checkDefinitions, definitionSettings } from './settings/live-definition.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

const settings = { ...kafkaSettings, ...definitionSettings }
const pulse = join(import.meta.dirname, '..', '..', '..', 'test', 'cluster', 'pulse.yaml')
const defects = (variables: Record<string, string>) =>
  defectsOf(
    readConfiguration(settings, [], (name) => variables[name]),
    [checkDefinitions],
  ).map(({ code, message }) => `${code} ${message}`)

describe('the start of an app', () => {
  it('reports the defects of its settings and of its definition together', () => {
    const file = join(home.path, 'missing.yaml')
    expect(defects({ RONDO_BROKERS: 'nonsense', RONDO_SESSION: '0s', RONDO_DEFINITION: file })).toEqual([
      expect.stringContaining('RONDO_BROKERS'),
      expect.stringContaining('RONDO_SESSION'),
      `RONDO_DEFINITION_UNREADABLE The definition ${file} cannot be read: there is no such file.`,
    ])
  })

  it('reports a missing definition as one defect', () => {
    expect(defects({ RONDO_BROKERS: 'a:1' })).toEqual([expect.stringContaining('RONDO_DEFINITION is not set')])
  })

  it('reports the defects of all definitions together, and names of cycles that occur twice', () => {
    const folder = join(home.path, 'cycles')
    mkdirSync(folder)
    for (const name of ['a.yaml', 'b.yml', '.hidden.yaml', 'notes.txt']) writeFileSync(join(folder, name), readFileSync(pulse))
    writeFileSync(join(folder, 'c.json'), '{}')
    const files = `${folder},${join(home.path, 'missing.yaml')}`
    expect(defects({ RONDO_BROKERS: 'a:1', RONDO_SHORT_GRACE: 'yes', RONDO_DEFINITION: files })).toEqual([
      expect.stringContaining(`The definition ${join(folder, 'c.json')} has`),
      expect.stringContaining('missing.yaml cannot be read: there is no such file.'),
      `RONDO_DEFINITION_INVALID These cycles have one name: pulse in ${join(folder, 'a.yaml')}, pulse in ${join(folder, 'b.yml')}. Give each cycle a name of its own.`,
    ])
    expect(defects({ RONDO_BROKERS: 'a:1', RONDO_DEFINITION: '' })).toEqual([expect.stringContaining('expected a file or a folder')])
    expect(defects({ RONDO_BROKERS: 'a:1', RONDO_DEFINITION: 'a.yaml,' })).toEqual([expect.stringContaining('with commas between them, found "a.yaml,"')])
  })

  it('takes a definition that is named several times among the arguments as a list', () => {
    const { readable } = readConfiguration(settings, ['--definition', 'a.yaml', '--definition=b.yaml'], () => 'a:1')
    expect(readable.definition).toEqual(['a.yaml', 'b.yaml'])
  })

  it('refuses a folder without a definition', () => {
    const folder = join(home.path, 'empty')
    mkdirSync(folder)
    expect(defects({ RONDO_BROKERS: 'a:1', RONDO_DEFINITION: folder })).toEqual([expect.stringContaining('RONDO_DEFINITION_UNREADABLE')])
  })

  it('refuses a pipe, a device and a large file as a definition, and waits for none of them', () => {
    const pipe = join(home.path, 'pipe.yaml')
    execFileSync('mkfifo', [pipe])
    const large = join(home.path, 'large.yaml')
    writeFileSync(large, Buffer.alloc(1_048_577, '#'))
    expect(defects({ RONDO_BROKERS: 'a:1', RONDO_DEFINITION: [pipe, '/dev/zero', large].join(',') })).toEqual([
      `RONDO_DEFINITION_UNREADABLE The definition ${pipe} cannot be read: it is not a regular file.`,
      'RONDO_DEFINITION_UNREADABLE The definition /dev/zero cannot be read: it is not a regular file.',
      `RONDO_DEFINITION_UNREADABLE The definition ${large} cannot be read: it is larger than 1048576 bytes.`,
    ])
  })

  it('reports a short grace as a defect only if the settings do not allow it', () => {
    const parts = { RONDO_BROKERS: 'a:1', RONDO_DEFINITION: pulse }
    expect(defects({ ...parts, RONDO_SHORT_GRACE: 'yes' })).toEqual([])
    expect(defects({ ...parts, RONDO_SHORT_GRACE: 'perhaps' })).toEqual([expect.stringContaining('RONDO_SHORT_GRACE')])
    expect(defects(parts)).toEqual([expect.stringContaining('has a grace of 10s')])
  })
})
