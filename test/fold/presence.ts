import { type CycleDefinition, cycleDefinitionSchema } from '#contracts'

/** Here at a visit, away after three days without one: little enough that a test can say what comes of it. */
export const presence: CycleDefinition = cycleDefinitionSchema.parse({
  cycle: 'presence',
  version: 1,
  actor: 'user',
  grace: '1d',
  stages: [
    { id: 'here', kind: 'active', absence: '3d' },
    { id: 'away', kind: 'lapsed' },
  ],
  signals: { visit: { event: 'Visit' } },
  measures: { spent: { sum: 'visit', of: 'properties.total' } },
  transitions: [
    { id: 'came', from: ['start', 'away'], to: 'here', trigger: 'visit' },
    { id: 'left', from: 'here', to: 'away', trigger: 'absence', when: { spent: { gte: 0 } } },
  ],
})
