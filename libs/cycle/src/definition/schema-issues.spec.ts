import { describe, expect, it } from '@jest/globals'
import { schemaIssues } from './schema-issues.ts'

const stage = { id: 'here', kind: 'active', absence: '30d' }
const rule = { id: 'came', from: 'start', to: 'here', trigger: 'any' }
const valid = { cycle: 'example', version: 1, actor: 'user', stages: [stage], signals: { visit: { event: 'Visit' } }, transitions: [rule] }
const issuesOf = (value: unknown): string[] => schemaIssues(value).map(({ path, at, message }) => `${path.join(' ')} (${at}) ${message}`)

const personal = (absence: unknown) => ({ stages: [{ ...stage, absence }] })
const measure = (more: unknown) => ({ measures: { more } })
const when = (condition: unknown) => ({ transitions: [{ ...rule, when: condition }] })
// biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
const scenario = (changes: object) => ({ scenarios: [{ title: 'x', given: [], then: [], ...changes }] })
const TOP = 'cycle, version, title, description, actor, timezone, grace, journal, journals, dedupe, stages, signals, measures, transitions, scenarios'
const DURATION = 'expected a duration such as 30d'

describe('schemaIssues', () => {
  it.each<[object, ...string[]]>([
    [{}],
    [{ version: 0 }, 'version (value) version: expected more than 0, got the number 0'],
    [{ version: {} }, 'version (value) version: expected a number, got a map'],
    [{ version: null }, 'version (value) version: expected a number, got nothing'],
    [{ version: 'x'.repeat(58) }, `version (value) version: expected a number, got "${'x'.repeat(58)}"`],
    [{ version: 'x'.repeat(59) }, `version (value) version: expected a number, got "${'x'.repeat(56)}...`],
    [{ journal: 0 }, 'journal (value) journal: expected at least 1, got the number 0'],
    [{ journal: 1e9 }, 'journal (value) journal: expected at most 65536, got the number 1000000000'],
    [{ timezone: 5 }, 'timezone (value) timezone: expected text, got the number 5'],
    [{ colour: 1 }, `colour (key) unknown key "colour"; keys here are ${TOP}`],
    [{ within: 1 }, `within (key) unknown key "within"; keys here are ${TOP}`],
    [{ stages: [] }, 'stages (value) stages: expected at least one entry, got an empty list'],
    [{ stages: {} }, 'stages (value) stages: expected a list, got a map'],
    [{ stages: Array.from({ length: 32 }, () => stage) }, 'stages (value) stages: expected at most 31 entries, got a list'],
    [{ transitions: [null] }, 'transitions 0 (value) transitions: expected a map, got nothing'],
    [{ transitions: ['x'] }, 'transitions 0 (value) transitions: expected a map, got "x"'],
    [{ stages: [{ ...stage, warning: 1 }] }, 'stages 0 warning (value) warning: expected less than 1, got the number 1'],
    [personal({ usual: 0, floor: '3d', ceiling: '9d' }), 'stages 0 absence usual (value) usual: expected more than 0, got the number 0'],
    [personal({ usual: 1.5, floor: '3d', ceiling: '9d' }), 'stages 0 absence usual (value) usual: expected at most 1, got the number 1.5'],
    [
      personal({ usual: 1, floor: 3, ceiling: '9d' }),
      'stages 0 absence floor (value) floor: expected a duration with its unit, such as 3d, 3h, 3m or 3s, got the number 3',
    ],
    [
      personal({}),
      'stages 0 absence usual (value) the key "usual" is missing: expected a number',
      `stages 0 absence floor (value) the key "floor" is missing: ${DURATION}`,
      `stages 0 absence ceiling (value) the key "ceiling" is missing: ${DURATION}`,
    ],
    [personal([]), `stages 0 absence (value) absence: ${DURATION}, or { usual: 0.95, floor: 3d, ceiling: 60d }, got an empty list`],
    [{ signals: { 'a.b': { event: 'x' } } }, 'signals a.b (key) "a.b": expected a name of letters, digits, - and _, starting with a letter, at most 64 long'],
    [scenario({ title: '' }), 'scenarios 0 title (value) title: expected text that is not empty, got ""'],
    [scenario({ given: [{ tick: true }] }), 'scenarios 0 given 0 at (value) the key "at" is missing: expected a time such as 2026-01-31T12:00:00Z'],
    [{ grace: 1 }, 'grace (value) grace: expected a duration with its unit, such as 1d, 1h, 1m or 1s, got the number 1'],
    [{ dedupe: '36' }, 'dedupe (value) dedupe: expected a duration with its unit, such as 36d, 36h, 36m or 36s, got "36"'],
    [scenario({ given: [{ at: 5, event: 'x' }] }), 'scenarios 0 given 0 at (value) at: expected text, got the number 5'],
  ])('reports each defect of a definition with these changes: %j', (changes, ...issues) => {
    expect(issuesOf({ ...valid, ...changes })).toEqual(issues)
  })

  const KINDS = 'has no kind: expected one of count, sum, average, min, max, days, distinct, gauge, last'
  it.each<[unknown, ...string[]]>([
    [5, '(value) more: expected a map such as { count: purchase, within: 90d }, got the number 5'],
    [{}, `(key) the measure "more" ${KINDS}`],
    [{ zzzzzzzz: 1 }, `(key) the measure "more" ${KINDS}`],
    [{ zzzzzzzz: 1, dayz: 'visit' }, `(key) the measure "more" ${KINDS}; did you mean "days"?`],
    [{ sum: 'visit', last: 'visit' }, '(key) the measure "more" is both sum and last; expected exactly one'],
    [{ count: 'visit', of: 'event' }, 'of (key) unknown key "of"; keys here are count, within, buckets, since, title'],
    [{ last: 'visit', of: 'event', within: '3d' }, 'within (key) a last has no window: leave out "within"'],
    [{ count: 'visit', withn: '3d' }, 'withn (key) unknown key "withn"; did you mean "within"?'],
    [{ count: null }, 'count (value) count: expected a name or a list of names, got nothing'],
    [{ gauge: 'visit', minus: [1] }, 'minus 0 (value) minus: expected text, got the number 1'],
    [{ distinct: 'visit' }, 'by (value) the key "by" is missing: expected a path such as properties.total'],
    [{ distinct: 'visit', by: 'event', cap: 0 }, 'cap (value) cap: expected at least 1, got the number 0'],
    [{ distinct: 'visit', by: 'event', cap: 5000 }, 'cap (value) cap: expected at most 4096, got the number 5000'],
  ])('reports each defect of the measure %j', (more, ...issues) => {
    expect(issuesOf({ ...valid, ...measure(more) })).toEqual(issues.map((issue) => `measures more ${issue}`))
  })

  it.each<[unknown, ...string[]]>([
    [5, '(value) when: expected a map, got the number 5'],
    [{ visits: [1] }, 'visits (value) visits: expected a value or a map of operators such as { gte: 3 }, got a list'],
    [{ visits: { gt: true } }, 'visits gt (value) gt: expected a number or text, got true'],
    [{ visits: { gte: { a: 1 } } }, 'visits gte (value) gte: expected a number or text, got a map'],
    [{ visits: { eq: [1] } }, 'visits eq (value) eq: expected text, a number, true, false or null, got a list'],
    [{ visits: { in: 5 } }, 'visits in (value) in: expected a list, got the number 5'],
    [{ visits: { exists: 1 } }, 'visits exists (value) exists: expected true or false, got the number 1'],
    [{ visits: { zz: 1 } }, 'visits zz (key) unknown key "zz"; keys here are eq, ne, in, gt, gte, lt, lte, exists, matches'],
    [{ all: { visits: 1 } }, 'all (value) all: expected a list, got a map'],
    [{ any: [{ not: [] }] }, 'any 0 not (value) not: expected a map, got an empty list'],
  ])('reports each defect of the condition %j', (condition, ...issues) => {
    expect(issuesOf({ ...valid, ...when(condition) })).toEqual(issues.map((issue) => `transitions 0 when ${issue}`))
  })

  it.each([
    [5, ' (value) expected a map, got the number 5'],
    [null, ' (value) expected a map, got nothing'],
    [undefined, ' (value) expected a map, got nothing'],
    [[], ' (value) expected a map, got an empty list'],
  ])('reports a value that is not a map: %j', (value, issue) => {
    expect(issuesOf(value)).toEqual([issue])
  })
})
