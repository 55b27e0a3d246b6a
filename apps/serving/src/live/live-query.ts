import { z } from 'zod'
import { type CycleDefinition, idSchema, type Output, outputKinds, RondoError } from '#contracts'
import { cursorText } from '../answers/query.ts'

/** The events of a live stream that a client can choose. Freshness comes always: it shows that the stream is alive. */
export type LiveEvent = 'counts' | 'output'

/** A parameter that may be repeated: once is one value. */
const repeated = (value: z.ZodType<string>, wire: object) =>
  z
    .union([value.transform((one) => [one]), z.array(value).max(100)])
    .optional()
    .meta({ wire: { type: 'array', items: wire } })

const text = idSchema.meta({})
const texts = { type: 'string', minLength: 1, maxLength: 256 }
const EVENTS = 'expected counts, output, or both with a comma between them'

export const liveQuery = z.strictObject({
  events: z
    .string({ error: EVENTS })
    .regex(/^(counts|output)(,(counts|output))?$/, { error: EVENTS })
    .default('counts,output')
    .transform((names) => new Set(names.split(',') as LiveEvent[]))
    .meta({ wire: { type: 'string', enum: ['counts', 'output', 'counts,output'] } }),
  kind: repeated(z.enum(outputKinds, { error: `expected ${outputKinds.join(', ')}` }), { type: 'string', enum: [...outputKinds] }),
  stage: repeated(text, texts),
  cause: repeated(text, texts),
  actor: repeated(
    text.refine((name) => /^[^:]+:./s.test(name), { error: 'expected TYPE:ID, such as user:42' }),
    { ...texts, pattern: '^[^:]+:.' },
  ),
  after: cursorText.optional(),
})
export type LiveQuery = z.output<typeof liveQuery>

/** Chooses the outputs of a stream. Streams with the same {@link key} get the same bytes. */
export class LiveFilter {
  /** Equal for equal filters. */
  readonly key: string
  readonly #kinds: ReadonlySet<string> | undefined
  readonly #stages: ReadonlySet<string> | undefined
  readonly #causes: ReadonlySet<string> | undefined
  readonly #actors: ReadonlySet<string> | undefined

  /** @throws RondoError RONDO_ARGUMENT_INVALID if the cycle has no such stage */
  constructor({ kind, stage, cause, actor }: Pick<LiveQuery, 'kind' | 'stage' | 'cause' | 'actor'>, { stages }: Pick<CycleDefinition, 'stages'>) {
    const known = stages.map(({ id }) => id)
    const unknown = stage?.find((id) => !known.includes(id))
    if (unknown !== undefined) {
      const message = `The query cannot be used: stage: there is no stage ${JSON.stringify(unknown)}; the stages are ${known.join(', ')}.`
      throw new RondoError('RONDO_ARGUMENT_INVALID', message)
    }
    this.key = JSON.stringify([kind, stage, cause, actor].map((values) => values?.toSorted()))
    ;[this.#kinds, this.#stages, this.#causes, this.#actors] = [kind, stage, cause, actor].map((values) => values && new Set(values))
  }

  /** A retraction has the stages, the cause and the actor of what it retracts, so that it reaches those who have seen that. */
  passes({ kind, from, to, cause, actor }: Output): boolean {
    if (this.#kinds?.has(kind) === false || this.#causes?.has(cause) === false) return false
    if (this.#stages !== undefined && !this.#stages.has(from) && !this.#stages.has(to)) return false
    return this.#actors?.has(`${actor.type}:${actor.id}`) ?? true
  }
}
