export { checkEvent } from './check-event.ts'
export { Plan } from './plan.ts'
export { PlanEditor, planPutSchema, unplannedPutSchema } from './plan-editor.ts'
export { numericLimits } from './schema/numeric-limits.ts'
