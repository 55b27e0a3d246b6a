import { useMemo } from 'preact/hooks'
import { address } from '../address/shown-address.ts'
import type { MovementsAnswer } from '../answers/answers.ts'
import { cycle, inCycle } from '../answers/shown-cycle.ts'
import { stages as live } from '../answers/shown-stages.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { Controls } from '../controls/controls.tsx'
import { counted } from '../format/numbers.ts'
import { periodName } from '../format/times.ts'
import { accentOf } from '../parts/accent.ts'
import { Choice } from '../parts/choice.tsx'
import { Picture } from '../parts/picture.tsx'
import { StageName } from '../parts/stage-name.tsx'
import { UnrolledPicture } from '../pictures/unrolled.tsx'
import type { Movement } from '../pictures/unrolled-layout.ts'
import { periodsQuery, range, thisHour } from '../ranges/shown-range.ts'
import { moversBehind } from './behind.ts'
import { movementTable } from './flow/movement-table.tsx'

const REFRESH_MS = 30_000
const kinds = [
  { name: 'moving', title: 'Without those who stayed away' },
  { name: 'everyone', title: 'Everyone' },
] as const

/** From where to where actors got in each period of a range. */
export function FlowView() {
  const query = periodsQuery()
  const loaded = useAnswer<MovementsAnswer>(query === null ? null : inCycle(`movements?${query}`), { everyMs: REFRESH_MS })
  const stages = live.value.answer?.stages ?? []
  const isEveryone = address.value.kind === 'everyone'
  const lapsed = stages.filter(({ kind }) => kind === 'lapsed').map(({ id }) => id)
  const isDrawn = ({ source, target }: Movement): boolean => isEveryone || source === null || !lapsed.includes(source) || !lapsed.includes(target)
  const movements = useMemo(() => movementsOf(loaded.answer), [loaded.answer])
  const title = (id: string | null): string => (id === null ? 'New' : stageTitle(stages, id))
  const by = range.value?.by ?? 'month'
  return (
    <>
      <Controls />
      <Picture
        title="The cycle over time"
        class="flow-picture"
        lead={`Each column is a moment, each band the people who got from one stage to another until the next column, ${range.value?.words ?? ''}.`}
        loaded={loaded}
        asOf={({ asOf }) => asOf}
        countedIn={({ timezone }) => timezone}
        emptiness={() => (movements.length === 0 ? 'Nobody was in any stage in this time.' : undefined)}
        table={({ timezone }) => movementTable(movements, { stages, title, by, zone: timezone })}
        controls={<Choice name="kind" title="Who is drawn" options={kinds} chosen={isEveryone ? 'everyone' : 'moving'} />}
      >
        {({ timezone }) => (
          <UnrolledPicture
            name="The cycle over time"
            movements={movements.filter(isDrawn)}
            stages={[...stages.map(({ id }) => id)].sort((a, b) => Number(lapsed.includes(a)) - Number(lapsed.includes(b)))}
            accent={(id) => (id === null ? 'accent-new' : accentOf(stages, id))}
            title={(id) => (!isEveryone && lapsed.includes(id ?? '') ? `newly ${title(id)}` : title(id))}
            legend={
              <p class="names">
                {stages.map(({ id, title: name }) => (
                  <StageName key={id} id={id} title={name} stages={stages} />
                ))}
              </p>
            }
            columnText={(at) => (at >= thisHour.value ? 'now' : periodName(at, by, timezone))}
            bandText={({ from, source, target, actors }) =>
              `${periodName(from, by, timezone)}: ${counted(actors, cycle.value?.actor ?? 'actor')} ${source === target ? `stayed in ${title(source)}` : `from ${title(source)} to ${title(target)}`}`
            }
            behind={moversBehind}
          />
        )}
      </Picture>
    </>
  )
}

/** The movements of the answer with instants. What is to come is left out. */
function movementsOf(answer: MovementsAnswer | undefined): Movement[] {
  return (answer?.items ?? [])
    .map(({ from, until, ...rest }) => ({ from: Date.parse(from), until: Date.parse(until), ...rest }))
    .filter(({ from }) => from < thisHour.value)
}
