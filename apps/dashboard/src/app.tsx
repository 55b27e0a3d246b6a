import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { address, visits } from './address/shown-address.ts'
import { isAnswering } from './answers/connection.ts'
import { followStages } from './answers/follow-stages.ts'
import { followOutputs } from './answers/live.ts'
import { cycle, cycles, cyclesRefused, readDefinition } from './answers/shown-cycle.ts'
import { stages } from './answers/shown-stages.ts'
import { count, share } from './format/numbers.ts'
import { Announcements } from './parts/announcements.tsx'
import { Sidebar } from './parts/sidebar.tsx'
import { viewOf } from './views/views.tsx'

/** Whether a page of others shows this one in a frame: then it has the view alone. */
const isEmbedded = address.peek().embed === '1'

/** The whole page. */
export function App() {
  useFollowing()
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      {isEmbedded ? null : <Sidebar />}
      <div class={isEmbedded ? 'page page-alone' : 'page'}>
        <Alerts />
        <Announcements />
        <Shown />
      </div>
    </>
  )
}

/** Follows the shown cycle, and ends that when another one is shown. */
function useFollowing(): void {
  const name = cycle.value?.cycle
  useEffect(() => {
    if (name === undefined) return
    const left = new AbortController()
    void followStages(name, left.signal)
    void followOutputs(name, left.signal)
    void readDefinition(name)
    return () => left.abort()
  }, [name])
  useSignalEffect(() => {
    document.title = `${viewOf(address.value.view).title} · ${cycle.value?.title ?? 'Rondo'} · Rondo`
  })
}

/** The view that the address names, below its heading. */
function Shown() {
  const { view, actor } = address.value
  const { question, title, View } = viewOf(view)
  const heading = useRef<HTMLHeadingElement>(null)
  const visit = visits.value
  useEffect(() => {
    // The page of an actor takes the focus itself.
    if (visit === 0 || actor !== undefined) return
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [view, actor, visit])
  const list = cycles.value
  return (
    <main id="main" class={`view view-${view}`}>
      <header class="view-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p class="lead">{question}</p>
      </header>
      {cycle.value !== undefined ? (
        <View key={cycle.value.cycle} />
      ) : list === undefined ? (
        <Waiting />
      ) : (
        <p class="empty">There is no such cycle here. Choose one of those in the menu.</p>
      )}
    </main>
  )
}

function Waiting() {
  if (cyclesRefused.value !== undefined) return <p class="refused">{cyclesRefused.value}</p>
  return <div class="loading" role="status" />
}

/** What is wrong with all numbers at once. */
function Alerts() {
  const building = stages.value.answer?.building ?? null
  return (
    <>
      {isAnswering.value ? null : (
        <p class="alert" role="alert">
          Rondo does not answer. The numbers below are old; trying again …
        </p>
      )}
      {building === null ? null : (
        <p class="note" role="status" id="building">
          The stored log is being folded into this cycle: {share(building.folded, building.records)} of {count(building.records)} records so far. The numbers
          are those of the time beside them.
        </p>
      )}
    </>
  )
}
