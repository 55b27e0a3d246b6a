import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { cycleDefinitionSchema } from '#contracts'
import { formatDefect } from './defect.ts'
import { readDefinition } from './read-definition.ts'

const CYCLES = new URL('../../../../test/fixtures/cycles/', import.meta.url)
const cycles = readdirSync(CYCLES).filter((name) => name.endsWith('.yaml'))
const textOf = (name: string): string => readFileSync(new URL(name, CYCLES), 'utf8')
const errorsOf = (text: string): readonly string[] =>
  readDefinition(text, 'a.yaml')
    .defects.filter((defect) => defect.severity === 'error')
    .map(formatDefect)

const BROKEN = `cycle: shop
version: one
actor: user
timezone: Europe/Berln
colour: red
stages:
  - { id: here, kind: actve, absence: 30d }
  - { id: away, kind: lapsed, absence: 3d }
signals:
  visit: { event: Visit, where: { properties.total: { gt: [1], gtee: 3 }, propertis.x: 1 } }
measures:
  bought: { cuont: visit, within: 90d }
  seen: { count: vist, within: 500d, since: stage }
transitions:
  - { id: first, from: start, to: heer, trigger: visit }
  - { id: first, from: here, to: away, when: { seen: { gt: 3, lt: "a" }, properties.x: { matches: "(" } } }
  - { id: left, from: here, to: away, trigger: visit, after: 0d }
scenarios:
  - title: x
    given:
      - { at: yesterday, event: Visit }
      - { at: 2026-01-01T00:00:00Z, tick: yes }
    then:
      - { at: 2026-01-01, to: nowhere, rule: zz }
`

describe('readDefinition', () => {
  it.each(cycles)('accepts the definition %s', (name) => {
    const { definition, defects } = readDefinition(textOf(name), name)
    expect(defects.filter((defect) => defect.severity === 'error')).toEqual([])
    expect(definition).toEqual(cycleDefinitionSchema.parse(parse(textOf(name))))
  })

  it.each(cycles)('reads %s in JSON to the same definition as in YAML', (name) => {
    const { definition } = readDefinition(textOf(name), name)
    expect(definition).toBeDefined()
    expect(readDefinition(JSON.stringify(definition, null, 2), name).definition).toEqual(definition)
    expect(readDefinition(JSON.stringify(definition), name).definition).toEqual(definition)
  })

  it('reports all defects of a file at once, each with its place', () => {
    expect(readDefinition(BROKEN, 'shop.yaml').definition).toBeUndefined()
    expect(readDefinition(BROKEN, 'shop.yaml').defects.map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([
      '2:10 version',
      '4:11 timezone',
      '5:1 colour',
      '7:23 stages[0].kind',
      '8:31 stages[1].absence',
      '10:59 signals.visit.where["properties.total"].gt',
      '10:64 signals.visit.where["properties.total"].gtee',
      '10:75 signals.visit.where["propertis.x"]',
      '12:3 measures.bought',
      '13:18 measures.seen.count',
      '13:32 measures.seen.within',
      '13:38 measures.seen.since',
      '15:35 transitions[0].to',
      '16:11 transitions[1].id',
      '16:67 transitions[1].when.seen.lt',
      '16:99 transitions[1].when["properties.x"].matches',
      '17:55 transitions[2].after',
      '17:62 transitions[2].after',
      '21:15 scenarios[0].given[0].at',
      '22:43 scenarios[0].given[1].tick',
      '24:15 scenarios[0].then[0].at',
      '24:31 scenarios[0].then[0].to',
      '24:46 scenarios[0].then[0].rule',
    ])
  })

  it('reports a defect of an aliased value at the anchor and at the alias', () => {
    const text = textOf('presence-30d.yaml')
      .replace('kind: active, absence: 30d', 'kind: active, absence: &a 30x')
      .replace('kind: returned, absence: 30d', 'kind: returned, absence: *a')
    expect(errorsOf(text)).toEqual([
      expect.stringMatching(/^a\.yaml:9:62: error: absence: expected a duration/),
      expect.stringMatching(/^a\.yaml:11:\d+: error: absence: /),
    ])
  })
})

describe('readDefinition of YAML', () => {
  const text = textOf('presence-30d.yaml')
  const added = (line: string): string[] => readDefinition(`${line}\n${text.replace('"*"', 'Visit')}`, 'a.yaml').defects.map(formatDefect)

  it.each([
    ['? [a]\n: 1', 'a.yaml:1:3: error: expected text as a key, got a list or a map'],
    ['description: !odd x', 'a.yaml:1:14: warning: Unresolved tag: !odd'],
    ['description: "\\q"', 'a.yaml:1:15: error: this is not YAML: Invalid escape sequence \\q'],
    ['%YAML 1.3\n---', 'a.yaml:1:7: warning: Unsupported YAML version 1.3'],
  ])('reports %j and reads the rest of the file', (line, defect) => {
    expect(added(line)).toEqual([defect])
  })

  it.each(['.inf', '-.inf', '.nan', '1e400'])('refuses the number %s, which JSON does not have', (number) => {
    expect(added(`description: ${number}`)[0]).toBe(`a.yaml:1:14: error: expected a number that JSON has; for the text, write it in quotes: "${number}"`)
  })

  const textsWith = (literal: string): string[] => [
    text.replace('event:', `where: { properties.item: ${literal} }, event:`),
    text.replace('event:', `where: { properties.item: { in: [1, ${literal}] } }, event:`),
    text.replace('event:', `where: { all: [{ not: { properties.item: { gt: ${literal} } } }] }, event:`),
    `${text}\n  - title: big\n    given: [{ at: 2026-01-01T00:00:00Z, event: A, properties: { list: [{ item: ${literal} }] } }]\n    then: []\n`,
  ]

  it.each([
    [
      '653247040368672769',
      'the number 653247040368672769 is beyond ±2^53 and cannot be represented exactly; write it as text, as it is in events: "653247040368672769"',
    ],
    [
      '-9007199254740992',
      'the number -9007199254740992 is beyond ±2^53 and cannot be represented exactly; write it as text, as it is in events: "-9007199254740992"',
    ],
    ['1e20', 'the number 1e20 is beyond ±2^53 and cannot be represented exactly; write it as text, as it is in events: "100000000000000000000"'],
    [
      '0xFFFFFFFFFFFFFFFF',
      'the number 0xFFFFFFFFFFFFFFFF is beyond ±2^53 and cannot be represented exactly; write it as text, as it is in events: "18446744073709551615"',
    ],
    [
      '0.1234567890123456789',
      'the number 0.1234567890123456789 has more digits than a number can have; write 0.12345678901234568, as it is in events, or a text in quotes',
    ],
    ['1e-400', 'the number 1e-400 has more digits than a number can have; write 0, as it is in events, or a text in quotes'],
    ['1e400', 'expected a number that JSON has; for the text, write it in quotes: "1e400"'],
  ])('refuses the number %s and gives the right way to write it', (literal, message) => {
    for (const yaml of textsWith(literal)) {
      const { definition, defects } = readDefinition(yaml, 'a.yaml')
      expect(definition).toBeUndefined()
      const [defect] = defects.filter(({ severity }) => severity === 'error')
      expect(defect?.message).toBe(message)
      const line = yaml.split('\n')[(defect?.line ?? 0) - 1] ?? ''
      expect(line.slice((defect?.column ?? 0) - 1)).toMatch(literal)
    }
  })

  it.each(['0.1', '120.50', '9007199254740991', '0x1F', '1e3', '0.30000000000000004', '"653247040368672769"'])(
    'accepts %s, which a number represents exactly',
    (literal) => {
      for (const yaml of textsWith(literal)) expect(readDefinition(yaml, 'a.yaml').defects.filter(({ severity }) => severity === 'error')).toEqual([])
    },
  )

  it('refuses the same numbers in JSON', () => {
    const json = JSON.stringify(readDefinition(text, 'a.yaml').definition).replace(/"event":/, '"where":{"properties.item":653247040368672769},"event":')
    expect(errorsOf(json)).toEqual([expect.stringContaining('is beyond ±2^53')])
  })

  it('takes the last value of an anchor that is defined twice', () => {
    const aliased = text.replace('absence: 30d', 'absence: &a 30d').replace('absence: 30d', 'absence: *a')
    expect(aliased).toContain('absence: *a')
    const redefined = aliased.replace('version: 1', 'version: &a 1')
    expect(readDefinition(redefined, 'a.yaml').definition).toEqual(readDefinition(text, 'a.yaml').definition)
  })
})

describe('a text that is not a definition', () => {
  it.each([
    ['no text', '', 'a.yaml:1:1: error: the file is empty: expected a cycle definition (cycle, version, actor, stages, signals, transitions)'],
    ['a comment', '# soon\n', 'a.yaml:1:1: error: the file is empty: expected a cycle definition (cycle, version, actor, stages, signals, transitions)'],
    ['a list', '\n- 1\n', 'a.yaml:2:1: error: expected a map, got a list'],
    [
      'a pattern without quotes',
      'a: *\n',
      'a.yaml:1:4: error: a * without a name is not an alias; for the text, such as a pattern for every event, write it in quotes: "*"',
    ],
    ['an open bracket', 'cycle: [a\n', 'a.yaml:1:9: error: this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a tab for indentation', 'stages:\n\t- 1\n', 'a.yaml:2:1: error: this is not YAML: Tabs are not allowed as indentation'],
    ['an unknown alias', 'cycle: *x\n', 'a.yaml:1:8: error: the alias *x has no anchor &x before it; for the text, write it in quotes: "*x"'],
    ['an alias of itself', 'cycle: &x [*x, *x]\n', 'a.yaml:1:11: error: nested too deeply: at most 64 levels are read'],
    ['many brackets', '['.repeat(200_000), 'a.yaml:1:1: error: the file is nested too deeply to be read'],
    [
      'a comment of 1 MB',
      '#'.repeat(1_000_000),
      'a.yaml:1:1: error: the file is empty: expected a cycle definition (cycle, version, actor, stages, signals, transitions)',
    ],
    ['a closing bracket alone', ']', 'a.yaml:1:1: error: this is not YAML: Unexpected flow-seq-end token in YAML document: "]"'],
    ['more than 1 MB', `# ${'é'.repeat(500_000)}`, 'a.yaml:1:1: error: the file is too large: expected a definition of at most 1 MB'],
  ])('%s gives the right message', (_, text, message) => {
    expect(errorsOf(text).slice(0, 1)).toEqual([message])
  })

  it('shows at most 20 syntax errors and no other defects', () => {
    expect(readDefinition('a: [\n'.repeat(40), 'a.yaml').defects).toHaveLength(20)
  })

  it('two definitions in one file are refused', () => {
    const text = textOf('presence-30d.yaml')
    expect(errorsOf(`${text}---\n${text}`)).toEqual([expect.stringMatching(/^a\.yaml:\d+:1: error: expected one definition in a file/)])
  })

  it('copies by alias are limited, so that they cannot exhaust memory', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) =>
        `l${level}: &l${level} [${
          level === 0
            ? '1'
            : Array(9)
                .fill(`*l${level - 1}`)
                .join(', ')
        }]`,
    )
    expect(errorsOf(levels.join('\n'))).toEqual([expect.stringContaining('error: aliases copy too much: at most 10000 values; write them out')])
  })

  it('signals can have the names of inherited properties, except __proto__', () => {
    const text = textOf('presence-30d.yaml').replace(
      'signals:\n',
      'signals:\n  constructor: { event: Made }\n  __proto__: { event: Made }\n  toString: { event: Made }\n',
    )
    expect(errorsOf(text)).toEqual([expect.stringContaining('the key "__proto__" is not allowed')])
  })

  it('a list of defects ends after 1000 with the number of the others', () => {
    const lines = Array.from({ length: 1500 }, (_, index) => `      - { at: 2026-01-01T00:00:00Z, event: x, arrives: never${index} }`)
    const text = textOf('presence-30d.yaml').replace('    given:\n', `    given:\n${lines.join('\n')}\n`)
    const { defects, definition } = readDefinition(text, 'a.yaml')
    expect(definition).toBeUndefined()
    expect(defects).toHaveLength(1001)
    expect(defects.at(-1)?.message).toEqual(expect.stringMatching(/^and 50[01] more defects; correct the first ones and check again$/))
  })
})
