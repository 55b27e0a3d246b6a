import type { StageKind } from '#contracts'
import { accentOf } from './accent.ts'

/** The name of a stage with its colour. */
export function StageName({
  id,
  title,
  stages,
}: {
  readonly id: string
  readonly title: string
  readonly stages: readonly { readonly id: string; readonly kind: StageKind }[]
}) {
  return (
    <span class={`stage-name ${accentOf(stages, id)}`}>
      <span class="dot" aria-hidden="true" />
      {title}
    </span>
  )
}
