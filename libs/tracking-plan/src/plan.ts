import type { AdminRecord, PlannedEvent, UnplannedMode } from '#contracts'
import { compileSchema, type SchemaCheck } from './schema/compile-schema.ts'

/** What happens to names that are not in the plan, and the version of this setting; 0 until it is set. */
export interface Unplanned {
  readonly mode: UnplannedMode
  readonly version: number
}

/** One version of a name, and who made it when. */
export interface PlanVersion {
  readonly version: number
  readonly at: string
  readonly by: string
  /** Undefined if this version took the name out of the plan. */
  readonly planned: PlannedEvent | undefined
}

/** The versions of one name, the first one first. There is at least one. */
interface PlannedName {
  readonly versions: readonly PlanVersion[]
  /** The check of the last version. */
  check?: SchemaCheck | undefined
}

/** An act that changes the plan. */
type PlanAct = Extract<AdminRecord, { kind: 'event-planned' | 'event-retired' | 'unplanned-set' }>

/**
 * The tracking plan that follows from the administrative acts, applied in their order. Versions of a name have no gap: an act whose version
 * does not follow the last one has no effect. So of two processes that change a name at the same time only one succeeds, and all processes
 * agree which.
 */
export class Plan {
  readonly #names = new Map<string, PlannedName>()
  #unplanned: Unplanned = { mode: 'allow', version: 0 }

  apply(act: AdminRecord): void {
    if (!isPlanAct(act)) return
    if (act.kind === 'unplanned-set') {
      if (act.version === this.#unplanned.version + 1) this.#unplanned = { mode: act.mode, version: act.version }
      return
    }
    const { event, version } = act.kind === 'event-planned' ? act.planned : act
    if (version !== this.versionOf(event) + 1) return
    const { at, by } = act
    const versions = [...this.versionsOf(event), { version, at, by, planned: act.kind === 'event-planned' ? act.planned : undefined }]
    this.#names.set(event, { versions })
  }

  get unplanned(): Unplanned {
    return this.#unplanned
  }

  /** The contract of a name; undefined if the name is not in the plan. */
  get(event: string): PlannedEvent | undefined {
    return this.versionsOf(event).at(-1)?.planned
  }

  /** The last version of a name, also if it retired the name; 0 if the name was never planned. */
  versionOf(event: string): number {
    return this.versionsOf(event).length
  }

  /** All versions of a name, the first one first. */
  versionsOf(event: string): readonly PlanVersion[] {
    return this.#names.get(event)?.versions ?? []
  }

  /** The contracts, in the order of their names. */
  list(): readonly PlannedEvent[] {
    const all = [...this.#names.keys()].flatMap((event) => this.get(event) ?? [])
    return all.sort((a, b) => (a.event < b.event ? -1 : 1))
  }

  /**
   * The check of a name, compiled at its first use; undefined if the name is not in the plan.
   * @throws RondoError RONDO_PLAN_INVALID if another release stored a schema that this one cannot use
   */
  checkOf(event: string): SchemaCheck | undefined {
    const name = this.#names.get(event)
    const planned = name?.versions.at(-1)?.planned
    if (name === undefined || planned === undefined) return undefined
    name.check ??= compileSchema(planned.schema)
    return name.check
  }
}

const planActs: ReadonlySet<string> = new Set<PlanAct['kind']>(['event-planned', 'event-retired', 'unplanned-set'])
const isPlanAct = (act: AdminRecord): act is PlanAct => planActs.has(act.kind)
