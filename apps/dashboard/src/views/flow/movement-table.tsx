import type { StageCount } from '../../answers/answers.ts'
import { periodName } from '../../format/times.ts'
import { CountLink } from '../../parts/count-link.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import type { TableOf } from '../../parts/table.tsx'
import type { Movement } from '../../pictures/unrolled-layout.ts'
import { moversBehind } from '../behind.ts'

/** What the rows are written with. */
interface MovementWords {
  readonly stages: readonly StageCount[]
  readonly title: (stage: string | null) => string
  readonly by: string
  readonly zone: string
}

/** The movements as rows, the newest period first. */
export function movementTable(movements: readonly Movement[], { stages, title, by, zone }: MovementWords): TableOf<Movement> {
  const name = (id: string | null) => (id === null ? 'New' : <StageName id={id} title={title(id)} stages={stages} />)
  return {
    name: 'The cycle over time',
    rows: movements.toSorted((a, b) => b.from - a.from),
    keyOf: ({ from, source, target }) => `${from} ${source} ${target}`,
    columns: [
      { title: 'Period', cell: ({ from }) => periodName(from, by, zone), value: ({ from }) => new Date(from).toISOString() },
      { title: 'At its beginning in', cell: ({ source }) => name(source), value: ({ source }) => source ?? '' },
      { title: 'At its end in', cell: ({ target }) => name(target), value: ({ target }) => target },
      {
        title: 'Actors',
        isNumber: true,
        cell: (row) => (
          <CountLink value={row.actors} of={`from ${title(row.source)} to ${title(row.target)}, ${periodName(row.from, by, zone)}`} to={moversBehind(row)} />
        ),
        value: ({ actors }) => actors,
      },
    ],
  }
}
