import type { StageCount, TransitionsAnswer } from '../../answers/answers.ts'
import { ActorLink } from '../../parts/actor-link.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'

type Move = TransitionsAnswer['items'][number]

/** Transitions as rows: who, from where to where, when and why. */
export function moveTable(
  name: string,
  rows: readonly Move[],
  { stages, title }: { readonly stages: readonly StageCount[]; readonly title: (id: string) => string },
): TableOf<Move> {
  return {
    name,
    rows,
    keyOf: ({ actor, at, from, to, kind }) => `${actor.id} ${at} ${from} ${to} ${kind}`,
    columns: [
      { title: 'Actor', cell: ({ actor }) => <ActorLink id={actor.id} />, value: ({ actor }) => actor.id },
      { title: 'From', cell: ({ from }) => <StageName id={from} title={title(from)} stages={stages} />, value: ({ from }) => title(from) },
      { title: 'To', isMinor: true, cell: ({ to }) => <StageName id={to} title={title(to)} stages={stages} />, value: ({ to }) => title(to) },
      { title: 'When', cell: ({ at }) => <Time iso={at} />, value: ({ at }) => at },
      { title: 'Why', isMinor: true, cell: ({ reason, cause }) => reason ?? cause, value: ({ reason, cause }) => reason ?? cause },
    ],
  }
}
