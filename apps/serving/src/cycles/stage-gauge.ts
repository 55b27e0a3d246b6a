import { Gauge, type Registry } from 'prom-client'
import type { CycleDefinition } from '#contracts'
import { Latest } from '#process'
import type { ReadModels, StageCounts } from '#projections'

/** A cycle, and the read models that count its actors. */
export interface CountedCycle {
  readonly definition: Pick<CycleDefinition, 'cycle' | 'stages'>
  readonly models: Pick<ReadModels, 'stageCounts'>
}

/** `rondo_stage_actors`: the number of actors in each stage of the cycles that are there when it is read, as the read models have them. While they do not answer, the last counts stay. */
export function stageGauge(registry: Registry, cycles: readonly CountedCycle[]): void {
  const latest = new Map<CountedCycle, Latest<StageCounts>>()
  const latestOf = (cycle: CountedCycle): Latest<StageCounts> => {
    const counts = latest.get(cycle) ?? new Latest(() => cycle.models.stageCounts())
    latest.set(cycle, counts)
    return counts
  }
  const gauge = new Gauge({
    name: 'rondo_stage_actors',
    help: 'Actors in each stage of a cycle; every process of serving shows the same read models, so take the maximum of them',
    labelNames: ['cycle', 'stage'],
    registers: [registry],
    async collect() {
      for (const cycle of cycles) {
        const { definition } = cycle
        const found = await latestOf(cycle).value()
        for (const { id: stage } of definition.stages) gauge.set({ cycle: definition.cycle, stage }, found?.stages.get(stage) ?? 0)
      }
    },
  })
}
