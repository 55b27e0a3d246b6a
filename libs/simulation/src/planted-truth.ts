/** The steps that drivers and needs change the rate of. */
export type Step = 'forward' | 'leave' | 'return'

/** By how much the daily rate of a step is multiplied while something is present. */
export interface PlantedRatio {
  readonly step: Step
  readonly of: 'corporate' | 'environment' | 'unmet-need' | 'need-met' | 'campaign'
  readonly ratio: number
}

/** What moves listeners, and by how much. The most that a method can find is this, and in a null ecosystem it is nothing. */
export const PLANTED: readonly PlantedRatio[] = [
  { step: 'forward', of: 'corporate', ratio: 1.6 },
  { step: 'forward', of: 'environment', ratio: 2.4 },
  { step: 'leave', of: 'environment', ratio: 0.5 },
  { step: 'leave', of: 'unmet-need', ratio: 4 },
  { step: 'return', of: 'need-met', ratio: 6 },
  { step: 'return', of: 'campaign', ratio: 2 },
]

/** The planted ratio, or 1 in a null ecosystem. */
export type RatioOf = (step: Step, of: PlantedRatio['of']) => number

/** @param isNull whether nothing moves anybody */
export function ratiosOf(isNull: boolean): RatioOf {
  return (step, of) => (isNull ? 1 : (PLANTED.find((planted) => planted.step === step && planted.of === of)?.ratio ?? 1))
}

/** The levels that listeners climb, in the order of the cycle; a level is what somebody is inclined to do, not yet a stage of a definition. */
export const LEVELS = ['connection', 'interaction', 'satisfaction', 'retention', 'commitment', 'advocacy', 'engagement'] as const
export const LEVEL_MAX = LEVELS.length - 1

/** The probability of a step forward on a day, by level, while nothing else is present. */
export const FORWARD_A_DAY = [0.1, 0.05, 0.03, 0.02, 0.012, 0.006, 0] as const
/** The probability of leaving on a day, by level. */
export const LEAVE_A_DAY = [0.02, 0.012, 0.008, 0.006, 0.004, 0.003, 0.002] as const
/** The probability of coming back on a day, for somebody who left and is not moved by anything. */
export const RETURN_A_DAY = 0.004
/** The probability of a visit on a day, by level. */
export const VISIT_A_DAY = [0.3, 0.4, 0.45, 0.55, 0.6, 0.65, 0.7] as const
/** How long a signal of a driver, an unmet need or a campaign has its effect, in days. */
export const EFFECT_DAYS = 14
/** How long after somebody left a campaign is sent, in days, and the share that gets it. */
export const CAMPAIGN_AFTER_DAYS = 30
export const CAMPAIGN_SHARE = 0.5
