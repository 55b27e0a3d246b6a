import { z } from 'zod'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const orderable = z.union([z.string(), z.number()])

/** The operators of one path or measure. Several operators are joined by "and". Values of different types are never converted. */
export const operatorsSchema = z.strictObject({
  eq: scalar.optional(),
  ne: scalar.optional(),
  in: z.array(scalar).min(1).optional(),
  gt: orderable.optional(),
  gte: orderable.optional(),
  lt: orderable.optional(),
  lte: orderable.optional(),
  exists: z.boolean().optional(),
  matches: z.string().optional().meta({ description: 'RE2 syntax; the whole value must match' }),
})
export type Operators = z.infer<typeof operatorsSchema>
/** A map of operators, or a value as the shorthand of `eq`. */
export type Comparison = Operators | string | number | boolean | null

/** `{path or measure: operators}`, and `all`, `any`, `not`. Several keys are joined by "and". */
export type Condition = {
  all?: Condition[] | undefined
  any?: Condition[] | undefined
  not?: Condition | undefined
} & { [subject: string]: Comparison | Condition | Condition[] | undefined }

/** A condition: comparisons that must all hold, and conditions under all, any and not. */
export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z
    .object({
      all: z.array(conditionSchema).min(1).optional(),
      any: z.array(conditionSchema).min(1).optional(),
      not: conditionSchema.optional(),
    })
    .catchall(z.union([scalar, operatorsSchema])),
) as z.ZodType<Condition>
