import type { z } from 'zod'
import type { CycleDefinition, Output } from '#contracts'
import type { countsAnswer as refusedCountsAnswer, refusedListAnswer } from '../../../nest/src/quarantine/quarantine-answers.ts'
import type { accountingAnswer } from '../../../serving/src/accounting/accounting.ts'
import type { historyAnswer } from '../../../serving/src/actors/actor-history.ts'
import type { freshnessSchema } from '../../../serving/src/answers/freshness.ts'
import type { flowsAnswer } from '../../../serving/src/cycles/hourly-flows.ts'
import type { remarksAnswer } from '../../../serving/src/cycles/remark-list.ts'
import type { membersAnswer } from '../../../serving/src/cycles/stage-members.ts'
import type { cyclesAnswer, stagesAnswer } from '../../../serving/src/cycles/stage-table.ts'
import type { eventNamesAnswer } from '../../../serving/src/events/event-names-answer.ts'
import type { feedAnswer } from '../../../serving/src/feed/transition-feed.ts'
import type { retentionAnswer } from '../../../serving/src/questions/cohort-retention.ts'

import type { activityAnswer } from '../../../serving/src/questions/daily-activity.ts'
import type { countsAnswer } from '../../../serving/src/questions/period-counts.ts'
import type { movementsAnswer } from '../../../serving/src/questions/period-flows.ts'
import type { lifecycleAnswer } from '../../../serving/src/questions/period-lifecycle.ts'
import type { atRiskAnswer } from '../../../serving/src/questions/risk-list.ts'
import type { dwellAnswer } from '../../../serving/src/questions/stage-dwell.ts'
import type { survivalAnswer } from '../../../serving/src/questions/stage-survival.ts'
import type { breakdownsAnswer } from '../../../serving/src/questions/trait-breakdown.ts'
import type { transitionsAnswer } from '../../../serving/src/questions/transition-list.ts'

export type { CycleDefinition, Output }

/** The types of answers are those of the schemas by which the server describes them. */
export type Freshness = z.infer<typeof freshnessSchema>
export type AccountingAnswer = z.infer<typeof accountingAnswer>
export type CyclesAnswer = z.infer<typeof cyclesAnswer>
export type StagesAnswer = z.infer<typeof stagesAnswer>
export type StageCount = StagesAnswer['stages'][number]
export type MembersAnswer = z.infer<typeof membersAnswer>
export type FlowsAnswer = z.infer<typeof flowsAnswer>
export type HistoryAnswer = z.infer<typeof historyAnswer>
export type Receipt = HistoryAnswer['history'][number]
export type RemarksAnswer = z.infer<typeof remarksAnswer>
export type EventNamesAnswer = z.infer<typeof eventNamesAnswer>
export type FeedAnswer = z.infer<(typeof feedAnswer)['application/json']>
export type FeedItem = FeedAnswer['items'][number]
export type RefusedCounts = z.infer<typeof refusedCountsAnswer>
export type RefusedList = z.infer<(typeof refusedListAnswer)['application/json']>
export type CountsAnswer = z.infer<typeof countsAnswer>
export type MovementsAnswer = z.infer<typeof movementsAnswer>
export type TransitionsAnswer = z.infer<typeof transitionsAnswer>
export type AtRiskAnswer = z.infer<typeof atRiskAnswer>
export type BreakdownsAnswer = z.infer<typeof breakdownsAnswer>
export type LifecycleAnswer = z.infer<typeof lifecycleAnswer>
export type ActivityAnswer = z.infer<typeof activityAnswer>
export type RetentionAnswer = z.infer<typeof retentionAnswer>
export type DwellAnswer = z.infer<typeof dwellAnswer>
export type SurvivalAnswer = z.infer<typeof survivalAnswer>
