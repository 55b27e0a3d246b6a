import { z } from 'zod'
import type { AdminActs } from '#access'
import { type AdminRecord, formatInstant, type PlannedEvent, plainExpectation, plannedEventSchema, RondoError, unplannedModes } from '#contracts'
import type { Clock } from '#runtime'
import { Plan, type PlanVersion, type Unplanned } from './plan.ts'
import { canonicalText } from './schema/canonical-text.ts'
import { compileSchema } from './schema/compile-schema.ts'

/** The limit of names in a plan: each process has all of them in memory. */
const NAMES_MAX = 1_000

const expectedVersion = z.int().min(0).optional()
/** A change of the contract of a name. */
export const planPutSchema = plannedEventSchema.omit({ version: true }).extend({ mode: plannedEventSchema.shape.mode.default('observe'), expectedVersion })
/** A change of what happens to names that are not in the plan. */
export const unplannedPutSchema = z.strictObject({ mode: z.enum(unplannedModes), expectedVersion })

/** Where the acts of the plan are written and read. */
export interface PlanEditorOptions {
  readonly acts: Pick<AdminActs, 'append' | 'refresh' | 'follow'>
  readonly clock: Clock
}

/** The author of a change, and the version that the change is made for: another version refuses it. */
export interface Change {
  /** The id of the key with which it is requested, or `command`. */
  readonly by: string
  readonly expectedVersion?: number | undefined
}

/** The tracking plan of one Rondo in the memory of one process, and its changes, each of which is an administrative act. */
export class PlanEditor {
  readonly plan = new Plan()
  readonly #options: PlanEditorOptions

  constructor(options: PlanEditorOptions) {
    this.#options = options
    options.acts.follow((act) => this.plan.apply(act))
  }

  /**
   * Makes or changes the contract of a name: `{event, schema, mode?, expectedVersion?}`. The same contract again changes nothing.
   * @throws RondoError RONDO_PLAN_INVALID; RONDO_PLAN_CONFLICT; as {@link AdminActs.append}
   */
  async put(request: unknown, by: string): Promise<PlannedEvent> {
    const { expectedVersion: expected, event, mode, schema } = readRequest(planPutSchema, request)
    compileSchema(schema)
    const version = await this.#versionFor(event, expected)
    const current = this.plan.get(event)
    if (current !== undefined && current.mode === mode && canonicalText(current.schema) === canonicalText(schema)) return current
    if (current === undefined && this.plan.list().length >= NAMES_MAX) throw invalidRequest(`the plan has ${NAMES_MAX} names, which is its limit`)
    const planned: PlannedEvent = { event, version, mode, schema }
    await this.#act({ kind: 'event-planned', ...this.#authored(by), planned })
    if (canonicalText(this.plan.get(event)) !== canonicalText(planned)) throw this.#conflict(event)
    return planned
  }

  /** Takes a name out of the plan. @throws RondoError RONDO_NOT_FOUND; RONDO_PLAN_CONFLICT; as {@link AdminActs.append} */
  async retire(event: string, { by, expectedVersion: expected }: Change): Promise<{ readonly event: string; readonly version: number }> {
    const version = await this.#versionFor(event, expected)
    if (this.plan.get(event) === undefined) throw unknownName(event)
    await this.#act({ kind: 'event-retired', ...this.#authored(by), event, version })
    if (this.plan.versionOf(event) !== version || this.plan.get(event) !== undefined) throw this.#conflict(event)
    return { event, version }
  }

  /** Sets what happens to names that are not in the plan: `{mode, expectedVersion?}`. @throws RondoError as {@link put} */
  async setUnplanned(request: unknown, by: string): Promise<Unplanned> {
    const { mode, expectedVersion: expected } = readRequest(unplannedPutSchema, request)
    await this.#options.acts.refresh()
    const { version, mode: before } = this.plan.unplanned
    if (expected !== undefined && expected !== version) throw conflict('The setting for unplanned names', version, expected)
    if (mode === before) return this.plan.unplanned
    await this.#act({ kind: 'unplanned-set', ...this.#authored(by), mode, version: version + 1 })
    if (this.plan.unplanned.mode !== mode) throw conflict('The setting for unplanned names', this.plan.unplanned.version)
    return this.plan.unplanned
  }

  /** All versions of a name, the first one first. @throws RondoError RONDO_NOT_FOUND if there is none */
  versionsOf(event: string): readonly PlanVersion[] {
    const versions = this.plan.versionsOf(event)
    if (versions.length === 0) throw unknownName(event)
    return versions
  }

  /** @returns the version that follows the last one of the name */
  async #versionFor(event: string, expected: number | undefined): Promise<number> {
    await this.#options.acts.refresh()
    const version = this.plan.versionOf(event)
    if (expected !== undefined && expected !== version) throw this.#conflict(event, expected)
    return version + 1
  }

  #authored(by: string): { at: string; by: string } {
    return { at: formatInstant(this.#options.clock.now()), by }
  }

  async #act(act: AdminRecord): Promise<void> {
    await this.#options.acts.append(act)
  }

  #conflict(event: string, expected?: number): RondoError {
    return conflict(`The contract of ${JSON.stringify(event)}`, this.plan.versionOf(event), expected)
  }
}

function readRequest<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(request, { error: plainExpectation })
  if (success) return data
  throw invalidRequest(error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the request'}: ${message}`).join('; '))
}

function invalidRequest(defects: string): RondoError {
  return new RondoError('RONDO_PLAN_INVALID', `The change of the tracking plan is not valid: ${defects}.`)
}

/** @param expected the version that the request is for; undefined if it names none, so that another change came while it was made */
function conflict(what: string, version: number, expected?: number): RondoError {
  return new RondoError(
    'RONDO_PLAN_CONFLICT',
    `${what} is at version ${version}, ${conflictReason(version, expected)}. Read it again, then change that version.`,
  )
}

function conflictReason(version: number, expected: number | undefined): string {
  if (expected === undefined) return 'because someone else changed it at the same time'
  const why = expected < version ? 'someone else has changed it since' : 'it never had that version'
  return `and the request is for version ${expected}: ${why}`
}

function unknownName(event: string): RondoError {
  return new RondoError('RONDO_NOT_FOUND', `The tracking plan has no event ${JSON.stringify(event.slice(0, 256))}. List them with: rondo plan list`)
}
