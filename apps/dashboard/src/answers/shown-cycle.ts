import { computed, signal } from '@preact/signals'
import { address } from '../address/shown-address.ts'
import { clock, pause } from '../clock.ts'
import type { CycleDefinition, CyclesAnswer } from './answers.ts'
import { backoffMs, isAnswering } from './connection.ts'
import { getAnswer, Refused } from './get-answer.ts'

/** The cycles of the server; undefined until it has answered. */
export const cycles = signal<CyclesAnswer['items'] | undefined>(undefined)
/** Why the list of cycles was refused, such as for a missing key. */
export const cyclesRefused = signal<string | undefined>(undefined)

/** The cycle that the address names, or the first one; undefined if there is none. */
export const cycle = computed(() => {
  const { cycle: named } = address.value
  return named === undefined ? cycles.value?.[0] : cycles.value?.find((one) => one.cycle === named)
})

/** The definition of the shown cycle. */
export const definition = signal<CycleDefinition | undefined>(undefined)

/** The zone in which times are shown and periods begin: that of the address, if the browser knows it, or that of the cycle. */
export const zone = computed(() => [address.value.zone, cycle.value?.timezone].find(isZone) ?? 'UTC')

function isZone(name: string | undefined): name is string {
  try {
    return name !== undefined && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** A path of the API about the shown cycle; null as long as no cycle is known. */
export function inCycle(path: string): string | null {
  return cycle.value === undefined ? null : `/v1/cycles/${encodeURIComponent(cycle.value.cycle)}/${path}`
}

/** The name of the shown cycle as a parameter. */
export const cycleParameter = (): string => `cycle=${encodeURIComponent(cycle.value?.cycle ?? '')}`

/** Reads the cycles until the server answers. */
export async function readCycles(): Promise<void> {
  for (let failures = 0; cycles.value === undefined; failures++) {
    try {
      cycles.value = (await getAnswer<CyclesAnswer>('/v1/cycles')).items
      cyclesRefused.value = undefined
      isAnswering.value = true
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure
      if (failure.status === undefined) isAnswering.value = false
      else cyclesRefused.value = failure.message
      await pause(backoffMs(failures))
    }
  }
}

/** Reads the definition of a cycle. Without it views show less, and nothing wrong. */
export async function readDefinition(name: string): Promise<void> {
  const found = await getAnswer<CycleDefinition>(`/v1/cycles/${encodeURIComponent(name)}/definition`).catch(() => undefined)
  if (cycle.value?.cycle === name) definition.value = found
}

/** The seconds since the page was opened: a part that shows an age reads it, and is drawn again each second. */
export const now = signal(clock.now())
setInterval(() => {
  now.value = clock.now()
}, 1000)
