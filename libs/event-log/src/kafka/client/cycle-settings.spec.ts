import { describe, expect, it } from '@jest/globals'
import { namesOfCycles } from './cycle-settings.ts'
import { cyclesOf, type KafkaSettings, positionGroupOf } from './kafka-settings.ts'
import { declareTopics, namesTopics, prefixOfDeployment, topicOf } from './topics.ts'

const listener = { cycle: 'listener', definition: 'a', generation: '1' }
const musician = { cycle: 'musician', definition: 'b', generation: '1' }

const settingsOf = (identities: Readonly<Record<string, string>>[], firstCycle?: string): KafkaSettings => ({
  brokers: ['kafka:9092'],
  prefix: 'acme-',
  group: 'rondo',
  partitions: 6,
  replication: 3,
  ...namesOfCycles(identities, firstCycle),
})
const topicsOf = (settings: KafkaSettings): string[] => [...declareTopics(settings), ...namesTopics(settings)].map(({ name }) => name)

describe('the names of one cycle', () => {
  it('are those without a cycle', () => {
    const settings = settingsOf([listener])
    expect(topicsOf(settings)).toEqual(['writers', 'activity', 'transitions', 'late', 'quarantine', 'checkpoints', 'names'].map((name) => `acme-${name}`))
    expect(cyclesOf(settings).map(positionGroupOf)).toEqual(['rondo'])
    expect(settings.identity).toEqual(listener)
  })
})

describe('the names of several cycles', () => {
  it('are those without a cycle for the first, and have the cycle for the others; what cycles share has none', () => {
    const settings = settingsOf([listener, musician])
    const ofListener = ['transitions', 'late', 'checkpoints', 'names'].map((name) => `acme-${name}`)
    const shared = ['writers', 'activity', 'quarantine'].map((name) => `acme-${name}`)
    expect(topicsOf(settings).sort()).toEqual([...shared, ...ofListener, ...ofListener.map((name) => `${name}.musician`)].sort())
    expect(cyclesOf(settings).map(positionGroupOf)).toEqual(['rondo', 'rondo.musician'])
    expect(cyclesOf(settings).map(({ identity }) => identity)).toEqual([listener, musician])
  })

  it('stay with the cycle that was the first, in any order of the definitions', () => {
    const [one, other] = [settingsOf([listener, musician]), settingsOf([musician, listener], 'listener')]
    expect(new Set(topicsOf(one))).toEqual(new Set(topicsOf(other)))
    expect(cyclesOf(other).map(positionGroupOf)).toEqual(['rondo.musician', 'rondo'])
  })

  it('all have the cycle if the first is no longer run', () => {
    const settings = settingsOf([musician], 'listener')
    expect(topicsOf(settings)).toContain('acme-transitions.musician')
    expect(topicsOf(settings)).not.toContain('acme-transitions')
  })

  it('are refused for two definitions of one cycle, and for a cycle that is named like a topic', () => {
    expect(() => settingsOf([listener, musician, listener])).toThrow(/Two definitions are of the cycle listener/)
    for (const cycle of ['late', 'activity', 'names', 'control']) {
      expect(() => settingsOf([listener, { cycle }])).toThrow(`A cycle named ${cycle} could have the topics of another deployment`)
      expect(topicsOf(settingsOf([{ cycle }, listener]))).toContain('acme-transitions.listener')
    }
  })
})

describe('the deployment of a topic', () => {
  const settings = settingsOf([listener, musician])
  const present = new Set([...topicsOf(settings), 'shop.activity', 'shop.transitions.web'])

  it('is found for the topics of every cycle', () => {
    for (const topic of [...topicsOf(settings), topicOf(settings, 'control')]) expect(prefixOfDeployment(topic, present)).toBe('acme-')
  })

  it('is none for topics of other programs', () => {
    for (const topic of ['shop.activity', 'shop.transitions.web', 'acme-orders', 'acme-activity.musician'])
      expect(prefixOfDeployment(topic, present)).toBeUndefined()
  })
})
