import { describe, expect, it } from '@jest/globals'
import { formatDefect } from './defect.ts'
import { readDefinition } from './read-definition.ts'

const VALID = `cycle: shop
version: 1
actor: user
timezone: Europe/Berlin
grace: 1h
stages:
  - { id: here, kind: active, absence: 30d, warning: 0.5 }
  - { id: regular, kind: active, absence: { usual: 0.95, floor: 3d, ceiling: 60d } }
  - { id: away, kind: lapsed }
  - { id: back, kind: returned, absence: 30d }
signals:
  visit: { event: [Visit, "Page *"] }
  buy: { event: Order, where: { properties.total: { gt: 0 } }, need: properties.query }
measures:
  bought: { count: buy, within: 90d }
  spent: { sum: buy, of: properties.total }
  stock: { gauge: visit, minus: buy }
  seen: { last: visit, of: properties.page }
transitions:
  - { id: first, from: start, to: here, trigger: [visit, buy] }
  - { id: grew, from: here, to: regular, when: { bought: { gte: 3, lt: 100 }, spent: { gt: 5 } }, trigger: buy }
  - { id: shrank, from: regular, to: here, trigger: visit, when: { all: [{ bought: 0 }, { stock: 0 }, { seen: home }] } }
  - { id: left, from: [active, back], to: away, trigger: absence }
  - { id: returns, from: away, to: back, trigger: any }
  - { id: settles, from: back, to: previous, after: 14d }
scenarios:
  - title: a visit begins
    given:
      - { at: 2026-01-01T00:00:00Z, event: Visit }
    then:
      - { at: 2026-01-01T00:00:00Z, to: here, rule: first }
`

/** The defects after one piece of the valid definition is replaced, in the form that editors show. */
function defectsAfter(piece: string, replacement: string): readonly string[] {
  expect(VALID.split(piece)).toHaveLength(2)
  const text = VALID.replace(piece, () => replacement)
  return readDefinition(text, 'shop.yaml').defects.map(formatDefect)
}

type Broken = readonly [piece: string, replacement: string, ...defects: readonly string[]]

const SCHEMA: readonly Broken[] = [
  ['cycle: shop', 'cycle: my shop', '1:8: error: cycle: expected a name of letters, digits, - and _, starting with a letter, at most 64 long, got "my shop"'],
  ['cycle: shop\n', '', '1:1: error: the key "cycle" is missing: expected a name'],
  ['version: 1', 'version: 1.5', '2:10: error: version: expected a whole number, got the number 1.5'],
  ['actor: user', 'actor: user\nactor: user', '4:1: error: the key "actor" is here twice; keep one'],
  ['timezone: Europe/Berlin', 'timezones: Europe/Berlin', '4:1: error: unknown key "timezones"; did you mean "timezone"?'],
  [
    'timezone: Europe/Berlin',
    'timezone: Mars/Olympus',
    '4:11: error: timezone: "Mars/Olympus" is not a known time zone; expected an IANA name such as UTC or Europe/Berlin',
  ],
  ['grace: 1h', 'grace: -1h', '5:8: error: grace: expected a duration such as 30d, 48h, 90m, 10s or 500ms, at most 100 years, got "-1h"'],
  ['kind: lapsed', 'kind: laps', '9:23: error: kind: expected one of active, lapsed, returned, got "laps"; did you mean "lapsed"?'],
  [
    'kind: active, absence: 30d, w',
    'kind: active, absence: 30, w',
    '7:40: error: absence: expected a duration with its unit, such as 30d, 30h, 30m or 30s, got the number 30',
  ],
  [', ceiling: 60d', '', '8:34: error: the key "ceiling" is missing: expected a duration such as 30d'],
  ['warning: 0.5', 'warning: 1', '7:54: error: warning: expected less than 1, got the number 1'],
  ['[Visit, "Page *"]', '[]', '12:19: error: event: expected at least one entry, got an empty list'],
  ['[Visit, "Page *"]', '""', '12:19: error: event: expected text that is not empty, got ""'],
  ['{ gt: 0 }', '{ gtt: 0 }', '13:53: error: unknown key "gtt"; did you mean "gt"?'],
  [
    '{ count: buy,',
    '{ cuont: buy,',
    '15:3: error: the measure "bought" has no kind: expected one of count, sum, average, min, max, days, distinct, gauge, last; did you mean "count"?',
  ],
  ['{ count: buy,', '{ count: buy, days: buy,', '15:3: error: the measure "bought" is both count and days; expected exactly one'],
  ['minus: buy', 'minus: buy, within: 3d', '17:38: error: a gauge has no window: leave out "within"'],
  ['of: properties.page', 'of: properties.page, since: stag', '18:52: error: since: expected one of stage, return, got "stag"; did you mean "stage"?'],
  [', of: properties.total }', ' }', '16:3: error: the key "of" is missing: expected a path such as properties.total'],
  [
    '  spent: {',
    '  sp.ent: {',
    '16:3: error: "sp.ent": expected a name of letters, digits, - and _, starting with a letter, at most 64 long',
    '21:79: error: when: there is no measure "spent"; did you mean "sp.ent"?',
  ],
  ['from: [active, back]', 'from: []', '23:23: error: from: expected at least one entry, got an empty list'],
  ['to: previous, ', '', '25:5: error: the key "to" is missing: expected a stage, or previous'],
  ['event: Visit }\n    then', 'tick: false }\n    then', '29:43: error: tick: expected true, got false'],
  [
    'event: Visit }\n    then',
    'evnt: Visit }\n    then',
    '29:9: error: the key "event" is missing: expected text',
    '29:37: error: unknown key "evnt"; did you mean "event"?',
  ],
]

const STAGES: readonly Broken[] = [
  [
    'id: back,',
    'id: back, kind: lapsed }\n  - { id: back,',
    '11:11: error: there are two stages "back"; give each its own id',
    '24:58: error: trigger: the stage "back" is lapsed and has no absence; use after, or leave "back" out of from',
  ],
  [
    'id: away, kind: lapsed',
    'id: away, kind: lapsed, absence: 3d',
    '9:31: error: absence: the stage "away" is lapsed and cannot have this key, since its actors are absent already; leave it out',
  ],
  ['floor: 3d', 'floor: 90d', '8:65: error: floor: the floor 90d is above the ceiling 60d; expected at most that'],
  ['floor: 3d', 'floor: 3h', '8:65: warning: floor: gaps are counted in whole days, so a floor of 3h never matters; expected at least 1d'],
  ['ceiling: 60d', 'ceiling: 0d', '8:78: error: ceiling: expected a duration above 0'],
  ['absence: 30d, warning', 'absence: 0s, warning', '7:40: error: absence: expected a duration above 0'],
  [
    'absence: 30d, w',
    'w',
    '7:31: error: warning: the stage "here" has no absence to warn about; add one or leave out the warning',
    '23:58: error: trigger: the stage "here" has no absence; give it one or leave "here" out of from',
  ],
  [
    ', back], to: away',
    '], to: away',
    '10:33: error: absence: no rule of the stage "back" has trigger: absence; add { from: back, trigger: absence, to: ... } or leave out the absence',
  ],
  [
    '  - { id: away,',
    '  - { id: gone, kind: lapsed }\n  - { id: away,',
    '9:11: error: the stage "gone" is unreachable: no path of rules leads from start to it; add a rule or leave the stage out',
    '9:11: warning: no rule leads out of the stage "gone"; its actors stay there for ever',
  ],
  [
    '  - { id: returns, from: away, to: back, trigger: any }\n',
    '',
    '9:11: warning: no rule leads out of the stage "away"; its actors stay there for ever',
    '10:11: error: the stage "back" is unreachable: no path of rules leads from start to it; add a rule or leave the stage out',
  ],
  [
    '  - { id: first, from: start, to: here, trigger: [visit, buy] }\n',
    '',
    '19:1: error: no rule leads out of start, so no stage is ever reached; add one with from: start and a trigger',
    '30:53: error: rule: there is no rule "first"; rules are grew, shrank, left, returns, settles',
  ],
]

const RULES: readonly Broken[] = [
  ['id: settles', 'id: grew', '25:11: error: there are two transitions "grew"; give each its own id'],
  ['to: here, trigger: [visit', 'to: heer, trigger: [visit', '20:35: error: to: there is no stage "heer"; did you mean "here"?'],
  ['from: regular, to', 'from: reglar, to', '22:25: error: from: there is no stage "reglar"; did you mean "regular"?'],
  ['from: away, to: back', 'from: away, to: start', '24:36: error: to: nothing leads back to start; name a stage'],
  ['from: away, to: back', 'from: away, to: returned', '24:36: error: to: a rule leads to one stage, and returned is a kind; name a stage'],
  [
    'from: away, to: back',
    'from: away, to: away',
    '9:11: warning: no rule leads out of the stage "away"; its actors stay there for ever',
    '10:11: error: the stage "back" is unreachable: no path of rules leads from start to it; add a rule or leave the stage out',
    '24:36: error: to: the rule leads only from "away" to "away", and no rule leads to the stage the actor is in; name another stage',
  ],
  [
    'from: back, to: previous',
    'from: [back, active], to: previous',
    '25:46: error: to: previous cannot be reached from an active stage, and from names "here", "regular"; name the stage it should lead to',
  ],
  [
    'kind: returned',
    'kind: active',
    '25:36: error: to: previous cannot be reached from an active stage, and from names "back"; name the stage it should lead to',
  ],
  ['from: back, to: previous', 'from: returned, to: previous'],
  ['trigger: any', 'trigger: absence', '24:51: error: trigger: the stage "away" is lapsed and has no absence; use after, or leave "away" out of from'],
  ['[visit, buy]', '[visit, absence]', '20:58: error: trigger: start has no absence, since its actors have no events yet; name a signal'],
  ['trigger: any', 'trigger: any, after: 3d', '24:56: error: after: a rule has a trigger or after, not both; make it two rules'],
  [', after: 14d', '', '25:5: error: the rule "settles" has no trigger, no after and no when, so it would always hold; add one of them'],
  ['after: 14d', 'after: 0d', '25:53: error: after: expected a duration above 0'],
  [
    'trigger: [visit, buy]',
    'when: { bought: { gt: 0 } }',
    '20:18: error: from: the rule "first" leads out of start and needs a trigger: only a signal starts a cycle',
  ],
]

const NAMES: readonly Broken[] = [
  ['signals:\n', 'signals:\n  absence: { event: x }\n', '12:3: error: "absence" is reserved and cannot name a signal; choose another name'],
  [
    'measures:\n',
    'measures:\n  event: { days: buy }\n',
    '15:3: error: "event" is reserved and cannot name a measure; choose another name',
    '15:3: warning: no rule uses the measure "event"; leave it out',
  ],
  [
    'id: regular',
    'id: active',
    '8:11: error: "active" is reserved and cannot name a stage; choose another name',
    '21:33: error: to: there is no stage "regular"; stages are here, active, away, back, previous',
    '22:25: error: from: there is no stage "regular"; stages and kinds are here, active, away, back, start, lapsed, returned',
  ],
  ['count: buy', 'count: buyy', '15:20: error: count: there is no signal "buyy"; did you mean "buy"?'],
  ['count: buy', 'count: any', '15:20: error: count: there is no signal "any"; a measure names its signals, any is allowed only in trigger'],
  [
    'of: properties.page',
    'of: property.page',
    '18:28: error: of: "property.page" is not a path of an event: expected event, properties.*, traits.* or context.*; did you mean "properties.page"?',
  ],
  [
    'need: properties.query',
    'need: properties.',
    '13:70: error: need: "properties." has an empty part between its dots: expected event, properties.*, traits.* or context.*',
  ],
  [
    'within: 90d',
    'within: 401d',
    '15:33: error: within: a window of 401d has 401 buckets of a day; expected at most 400d (leave within out to count for ever)',
  ],
  ['within: 90d', 'within: 0d', '15:33: error: within: expected a window above 0'],
  ['within: 90d', 'within: 90d, since: return', '15:38: error: since: a measure has within or since, not both; leave one out'],
]

const CONDITIONS: readonly Broken[] = [
  ['{ bought: { gte', '{ brought: { gte', '21:50: error: when: there is no measure "brought"; did you mean "bought"?'],
  [
    'properties.total: { gt: 0 }',
    'bought: { gt: 0 }',
    '13:33: error: where: a signal sees only the event, and "bought" is a measure; use it in the when of a rule',
  ],
  [
    'properties.total: { gt: 0 }',
    'propertys.total: { gt: 0 }',
    '13:33: error: where: "propertys.total" is not a path of an event: expected event, properties.*, traits.* or context.*; did you mean "properties.total"?',
  ],
  ['lt: 100', 'lt: "100"', '21:72: error: lt: compares with text where gte compares with a number; no value has both types'],
  ['{ bought: 0 }', '{ bought: "0" }', '22:84: warning: "bought" is a number, so comparing it with text never holds; expected a number, got "0"'],
  [
    '{ gt: 0 }',
    '{ matches: "a(?=b)" }',
    '13:62: error: matches: "a(?=b)" is not an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  ],
  ['{ gt: 0 }', 'null', '13:51: warning: nothing equals null, not even a missing value; write { exists: false }'],
  ['{ gt: 0 }', '{}', '13:51: warning: an empty condition always holds; leave it out or add a comparison'],
  ['properties.total: { gt: 0 }', 'event: { gt: 0 }', '13:46: error: gt: "event" is text, so comparing it with a number never holds; expected text, got 0'],
]

const SCENARIOS: readonly Broken[] = [
  [
    'at: 2026-01-01T00:00:00Z, event',
    'at: 2026-02-30T00:00:00Z, event',
    '29:15: error: at: expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, got "2026-02-30T00:00:00Z"',
  ],
  [
    'at: 2026-01-01T00:00:00Z, event',
    'at: 2026-01-01T00:00:00Z, arrives: 2025-12-31T23:54:59Z, event',
    '29:46: error: arrives: 2025-12-31T23:54:59.000Z is more than 5 min before the event happened; such an event is refused',
  ],
  ['to: here, rule', 'to: heere, rule', '31:41: error: to: there is no stage "heere"; did you mean "here"?'],
  ['rule: first', 'rule: frist', '31:53: error: rule: there is no rule "frist"; did you mean "first"?'],
  [
    'scenarios:\n',
    'scenarios:\n  - { title: a visit begins, given: [], then: [] }\n',
    '28:12: error: there are two scenarios "a visit begins"; give each its own title',
  ],
]

const WARNINGS: readonly Broken[] = [
  ['  seen: {', '  unseen: { days: visit }\n  seen: {', '18:3: warning: no rule uses the measure "unseen"; leave it out'],
  [
    'trigger: visit, when: { all: [{ bought: 0 }, { stock',
    'when: { all: [{ bought: 0 }, { stock',
    '23:5: warning: the rule "left" can be due at the same instant as "shrank", because a window can run out exactly at a deadline, and the first in the file counts; check that this order is intended',
  ],
  [
    '  - { id: settles',
    '  - { id: again, from: away, to: here, trigger: buy }\n  - { id: settles',
    '25:5: warning: the rule "again" can hold at the same moment as "returns", which always comes first, so this rule never leads anywhere',
  ],
  [
    '  - { id: settles',
    '  - { id: again, from: here, to: away, trigger: buy, when: { bought: { gte: 9 } } }\n  - { id: settles',
    '25:5: warning: the rule "again" can hold at the same moment as "grew", and the first in the file counts; check that this order is intended',
  ],
  ['  - { id: settles', '  - { id: again, from: here, to: away, trigger: buy, when: { bought: { gte: 100 } } }\n  - { id: settles'],
  [
    'after: 14d',
    'after: 14d, when: { properties.x: 1 }',
    '25:58: warning: when: this rule is tried when time passes, without an event, so "properties.x" is always missing',
  ],
]

describe.each([
  ['schema', SCHEMA],
  ['stages', STAGES],
  ['rules', RULES],
  ['names', NAMES],
  ['conditions', CONDITIONS],
  ['scenarios', SCENARIOS],
  ['warnings', WARNINGS],
])('a definition broken in its %s', (_, broken) => {
  it.each(broken)('with %j replaced by %j is reported with its place and the reason', (piece, replacement, ...defects) => {
    expect(defectsAfter(piece, replacement)).toEqual(defects.map((defect) => `shop.yaml:${defect}`))
  })
})

it('the valid definition has no defects', () => {
  expect(readDefinition(VALID, 'shop.yaml').defects).toEqual([])
})
