import type { ComponentChildren } from 'preact'
import type { Loaded } from '../answers/use-answer.ts'

/** What stands in the place of an answer that is not there: it is being loaded, this server does not have it, or it was refused. */
export function Absent({ loaded }: { readonly loaded: Pick<Loaded<unknown>, 'refused' | 'path'> }) {
  const { refused, path } = loaded
  if (refused === undefined || refused.status === undefined) {
    return (
      <div class="loading" role="status">
        <span class="unseen">Loading …</span>
      </div>
    )
  }
  if (!refused.isUnavailable) return <p class="refused">{refused.message}</p>
  const remedy = refused.code === 'RONDO_HISTORY_UNAVAILABLE' ? refused.message : `${refused.message} A newer version of Rondo has it.`
  return (
    <div class="unavailable">
      <p>
        <strong>Not available on this server.</strong> {remedy}
      </p>
      <p class="quiet-text">
        <code>GET {path?.split('?')[0]}</code>
      </p>
    </div>
  )
}

/** A card without a picture: a heading and what belongs to it. */
export function Card({
  title,
  aside,
  id,
  children,
}: {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly id: string
  readonly children: ComponentChildren
}) {
  return (
    <section class="card" id={id} aria-labelledby={`${id}-heading`}>
      <header class="card-head">
        <h2 id={`${id}-heading`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
