import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { type CycleDefinition, cycleDefinitionSchema, formatInstant } from '#contracts'
import { type LogRecord, oracle } from './oracle.ts'
import { beetsContributions, cdnowPurchases, reference, replayLog, type Visit } from './reference-data.ts'

const presence = cycleDefinitionSchema.parse(parse(readFileSync(new URL('../fixtures/cycles/presence-30d.yaml', import.meta.url), 'utf8')))

function withAbsence(days: string): CycleDefinition {
  return { ...presence, stages: presence.stages.map((stage) => (stage.absence === undefined ? stage : { ...stage, absence: `${days}d` })) }
}

function countsOf(definition: CycleDefinition, log: readonly LogRecord[]) {
  const histories = [...oracle(definition, log).actors.values()]
  const entries = histories.flatMap((history) => history.entries)
  return {
    disengagements: entries.filter(({ kind }) => kind === 'disengage').length,
    re_engagements: entries.filter(({ kind }) => kind === 'return').length,
    open_at_end: histories.filter(({ stage }) => stage === 'disengagement').length,
  }
}

describe.each<[string, () => Visit[]]>([
  ['cdnow', cdnowPurchases],
  ['beets', beetsContributions],
])('the presence cycle on %s', (name, visits) => {
  const { rule = {}, events, end = '' } = reference[name] ?? {}
  const log = replayLog(visits(), formatInstant(Date.parse(end)))

  it('reads every event of the data set', () => {
    expect(log.filter((record) => !('record' in record))).toHaveLength(events ?? -1)
  })

  it.each(Object.entries(rule))('has the same absences and returns as the reference for %s days', (days, counts) => {
    const { disengagements, re_engagements, open_at_end } = counts
    expect(countsOf(withAbsence(days), log)).toEqual({ disengagements, re_engagements, open_at_end })
  })
})
