import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { defectsOf } from './run-app.ts'
import { readConfiguration } from './settings/configuration.ts'
import { kafkaSettings } from './settings/kafka-configuration.ts'
import { checkDefinition, definitionSettings } from './settings/live-definition.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

const settings = { ...kafkaSettings, ...definitionSettings }
const pulse = join(import.meta.dirname, '..', '..', '..', 'test', 'cluster', 'pulse.yaml')
const defects = (variables: Record<string, string>) =>
  defectsOf(
    readConfiguration(settings, [], (name) => variables[name]),
    [checkDefinition],
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

  it('reports a short grace as a defect only if the settings do not allow it', () => {
    const parts = { RONDO_BROKERS: 'a:1', RONDO_DEFINITION: pulse }
    expect(defects({ ...parts, RONDO_SHORT_GRACE: 'yes' })).toEqual([])
    expect(defects({ ...parts, RONDO_SHORT_GRACE: 'perhaps' })).toEqual([expect.stringContaining('RONDO_SHORT_GRACE')])
    expect(defects(parts)).toEqual([expect.stringContaining('has a grace of 10s')])
  })
})
