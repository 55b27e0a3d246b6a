import { useEffect } from 'preact/hooks'
import { address, adjust } from '../address/shown-address.ts'
import type { CountsAnswer } from '../answers/answers.ts'
import { cycle, inCycle, zone } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { dateOf } from '../format/zoned.ts'
import { Choice } from '../parts/choice.tsx'
import { CUSTOM, customRange, lengthsFor, type NamedRange, presets } from '../ranges/range.ts'
import { firstKnown, range, thisHour } from '../ranges/shown-range.ts'
import { TraitFilters } from './trait-filters.tsx'
import { ZoneChoice } from './zone-choice.tsx'

const lengthTitles = { hour: 'Hours', day: 'Days', week: 'Weeks', month: 'Months' } as const

/** The range of a view, the length of its periods, the zone in which they begin, and who is counted. */
export function Controls({ hasPeriods = true }: { readonly hasPeriods?: boolean }) {
  useFirstKnown()
  const shown = range.value
  return (
    <fieldset class="controls">
      <legend class="unseen">What is shown</legend>
      <Ranges shown={shown} />
      {hasPeriods && shown !== undefined ? (
        <Choice name="by" title="Periods of" options={lengthsFor(shown).map((name) => ({ name, title: lengthTitles[name] }))} chosen={shown.by} />
      ) : null}
      <ZoneChoice />
      <TraitFilters />
    </fieldset>
  )
}

function Ranges({ shown }: { readonly shown: NamedRange | undefined }) {
  const name = shown?.name ?? 'all'
  const [first, last] = shown === undefined ? ['', ''] : [dateOf(shown.from, zone.value), dateOf(shown.until - 1, zone.value)]
  const options = [...presets.map((preset) => ({ name: preset.name, title: preset.title })), { name: CUSTOM, title: 'Dates' }]
  const choose = (chosen: string): void => adjust({ range: chosen === CUSTOM ? customRange(first, last) : chosen, by: undefined })
  const change = (from: string, until: string): void => {
    if (from !== '' && until !== '') adjust({ range: customRange(from, until), by: undefined })
  }
  return (
    <>
      <Choice title="Range" options={options} chosen={name} onChoose={choose} />
      {name === CUSTOM ? (
        <div class="dates">
          <label>
            <span class="unseen">First day</span>
            <input type="date" value={first} max={last} onChange={({ currentTarget }) => change(currentTarget.value, last)} />
          </label>
          <span aria-hidden="true">–</span>
          <label>
            <span class="unseen">Last day</span>
            <input type="date" value={last} min={first} onChange={({ currentTarget }) => change(first, currentTarget.value)} />
          </label>
        </div>
      ) : null}
    </>
  )
}

/** Where "all" begins: the first month in which there was anybody. Asked for only where it is needed, and once. */
function useFirstKnown(): void {
  const name = cycle.value?.cycle ?? ''
  const isAsked = address.value.range === 'all' && firstKnown.value?.cycle !== name
  const until = encodeURIComponent(new Date(thisHour.value).toISOString())
  const months = useAnswer<CountsAnswer>(isAsked ? inCycle(`counts?from=1970-01-01T00:00:00Z&until=${until}&by=month`) : null)
  const { answer, refused } = months
  useEffect(() => {
    const first = answer?.items.find(({ total }) => total > 0)
    if (answer !== undefined) firstKnown.value = { cycle: name, at: first === undefined ? thisHour.value : Date.parse(first.from) }
    // Without a history there is nothing to show, and the view says so itself.
    else if (isAsked && refused !== undefined && !refused.isPassing) firstKnown.value = { cycle: name, at: thisHour.value }
  }, [answer, refused, isAsked, name])
}
