import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { duration, helpText, integer, readConfiguration, yesOrNo } from './configuration.ts'

const shape = {
  brokers: z.string().describe('host:port of some brokers'),
  partitions: integer(1, 1000).prefault('6').describe('how many'),
  catchUp: duration('0s', '1d').prefault('2m').describe('how long'),
  shortGrace: yesOrNo().prefault('no').describe('whether'),
}
const read = (args: string[], variables: Record<string, string> = {}) => readConfiguration(shape, args, (name) => variables[name])

describe('a configuration', () => {
  it('comes from arguments, the environment, and defaults, in this order', () => {
    const { configuration, defects } = read(['--catch-up', '10s'], { RONDO_BROKERS: 'a:1', RONDO_CATCH_UP: '5s', RONDO_SHORT_GRACE: 'yes' })
    expect(defects).toEqual([])
    expect(configuration).toEqual({ brokers: 'a:1', partitions: 6, catchUp: 10_000, shortGrace: true })
  })

  it('is refused with all its defects', () => {
    const { configuration, defects } = read(['--nonsense', 'x', '--partitions=0', 'y', '--catch-up'], { RONDO_SHORT_GRACE: 'maybe' })
    expect(configuration).toBe(undefined)
    expect(defects).toEqual([
      '--nonsense: there is no such setting',
      'y: expected a setting such as --port 8080',
      '--catch-up: expected a value',
      'RONDO_BROKERS is not set: expected host:port of some brokers',
      '--partitions: expected a whole number from 1 to 1000, found "0"',
      'RONDO_SHORT_GRACE: expected yes or no, found "maybe"',
    ])
  })

  it.each([
    [['--short-grace'], true],
    [['--short-grace', '--partitions', '1'], true],
    [['--short-grace', 'yes', '--partitions', '1'], true],
    [['--short-grace', 'no'], false],
    [['--short-grace=no'], false],
  ])('reads a yes-or-no setting from an argument with or without a value: %j', (args, shortGrace) => {
    expect(read(args, { RONDO_BROKERS: 'a:1' })).toMatchObject({ defects: [], configuration: { shortGrace } })
  })

  it('does not use the next flag as the value of a setting', () => {
    expect(read(['--brokers', '--partitions', '1']).defects).toContain('--brokers: expected a value')
    expect(read(['--brokers', '--short-grace']).defects).toContain('--brokers: expected a value')
  })

  it('with a misspelt setting has one defect, which names the nearest setting', () => {
    const brokers = { RONDO_BROKERS: 'a:1' }
    const defect = '--partition: there is no such setting; did you mean --partitions?'
    expect(read(['--partition', '3'], brokers).defects).toEqual([defect])
    expect(read(['--partition=3'], brokers).defects).toEqual([defect])
    expect(read(['3', '--nonsense'], brokers).defects).toEqual(['3: expected a setting such as --port 8080', '--nonsense: there is no such setting'])
  })

  it('names the values of --validate', () => {
    const brokers = { RONDO_BROKERS: 'a:1' }
    expect(read(['--validate=setings'], brokers).defects).toEqual(['--validate: expected no value, or settings, found "setings"'])
    expect(read(['--help=all'], brokers).defects).toEqual(['--help: expected no value'])
    expect(read(['--validate=settings'], brokers)).toMatchObject({ defects: [], validate: 'settings' })
  })

  it('is explained by --help, with the defaults', () => {
    expect(read(['--help'], {}).help).toBe(true)
    const text = helpText('An app.', shape)
    expect(text).toMatch(/RONDO_BROKERS, --brokers +host:port of some brokers \(has to be set\)/)
    expect(text).toMatch(/RONDO_CATCH_UP, --catch-up +how long \(2m\)/)
  })
})
