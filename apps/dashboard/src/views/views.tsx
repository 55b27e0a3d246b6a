import type { ComponentType } from 'preact'
import type { View } from '../address/address.ts'
import { ActivityView } from './activity-view.tsx'
import { BreakdownView } from './breakdown-view.tsx'
import { CountsView } from './counts-view.tsx'
import { CycleView } from './cycle-view.tsx'
import { DwellView } from './dwell-view.tsx'
import { EventsView } from './events-view.tsx'
import { FlowView } from './flow-view.tsx'
import { HealthView } from './health-view.tsx'
import { LiveView } from './live-view.tsx'
import { PeopleView } from './people-view.tsx'

/** A view: its name in the menu, the question that it answers, and what it shows. */
interface ViewOf {
  readonly title: string
  readonly question: string
  readonly View: ComponentType
}

const all: Readonly<Record<View, ViewOf>> = {
  cycle: { title: 'Cycle', question: 'Where everyone is, and how they move.', View: CycleView },
  people: { title: 'People', question: 'Who is in a stage, and why.', View: PeopleView },
  live: { title: 'Live', question: 'What happens at this moment.', View: LiveView },
  counts: { title: 'Over time', question: 'How many were in each stage, and who came and went.', View: CountsView },
  flow: { title: 'Flow', question: 'From which stage to which stage people got, period by period.', View: FlowView },
  dwell: { title: 'Time in stage', question: 'How long people stay, and where they go then.', View: DwellView },
  activity: { title: 'Activity', question: 'Who is active: new, again, back, or not any more.', View: ActivityView },
  breakdown: { title: 'Traits', question: 'Where people are, by what is known about them.', View: BreakdownView },
  events: { title: 'Events', question: 'Which events come in, what does not fit, and what was refused.', View: EventsView },
  health: { title: 'Health', question: 'Whether the numbers add up, and how fresh they are.', View: HealthView },
}

/** What belongs to the name of a view. */
export const viewOf = (view: View): ViewOf => all[view]
