import { describe, expect, it } from '@jest/globals'
import { compileCycle, readDefinition } from '#cycle'
import { memoryLine } from './memory-line.ts'

const lineOf = (durations: string): string => {
  const text = `cycle: c\nversion: 1\nactor: user\n${durations}\nstages:\n  - { id: in, title: In, kind: active }\nsignals:\n  seen: { event: Seen }\ntransitions:\n  - { id: enter, from: start, to: in, trigger: seen }\n`
  const { definition, defects } = readDefinition(text, 'c.yaml')
  if (definition === undefined) throw new TypeError(JSON.stringify(defects))
  return memoryLine(compileCycle(definition))
}

describe('the memory line', () => {
  it('names the longer of grace and dedupe, and its cost', () => {
    expect(lineOf('grace: 90m\ndedupe: 1h')).toContain('remembered for 1.5 hours')
    expect(lineOf('grace: 90m\ndedupe: 1h')).toContain('At 100 events a second that is about 26 MB')
    expect(lineOf('grace: 1h\ndedupe: 7d')).toContain('remembered for 168 hours')
  })
})
