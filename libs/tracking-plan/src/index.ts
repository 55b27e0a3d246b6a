export { checkEvent } from './check-event.ts'
export type { Plan } from './plan.ts'
export { PlanEditor } from './plan-editor.ts'
