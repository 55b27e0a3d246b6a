import { useEffect, useState } from 'preact/hooks'
import type { View } from '../address/address.ts'
import { address, addressOf, visits } from '../address/shown-address.ts'
import { isAnswering, isPaused, togglePause } from '../answers/connection.ts'
import { manner } from '../answers/live.ts'
import { cycle, cycles } from '../answers/shown-cycle.ts'
import { viewOf } from '../views/views.tsx'
import { Icon } from './icons.tsx'
import { Link } from './link.tsx'
import { switchTheme, theme } from './theme.ts'

/** The views of the menu, in groups. */
const groups: readonly { readonly title: string; readonly views: readonly View[] }[] = [
  { title: 'Now', views: ['cycle', 'people', 'live'] },
  { title: 'History', views: ['counts', 'flow', 'dwell', 'activity', 'breakdown'] },
  { title: 'Data', views: ['events', 'health'] },
]

/** The menu: the cycle, the views, and what concerns all of them. */
export function Sidebar() {
  const [isOpen, setOpen] = useState(false)
  const visit = visits.value
  // A view was opened: the menu of a phone has done its work.
  useEffect(() => setOpen(false), [visit])
  return (
    <header class={`sidebar ${isOpen ? 'open' : ''}`}>
      <div class="brand">
        <Link to={addressOf('cycle')} class="logo" label="Rondo: the cycle">
          <img src="/page/icon.svg" alt="" width="26" height="26" /> Rondo
        </Link>
        <button type="button" class="menu-button" aria-expanded={isOpen} aria-controls="menu" onClick={() => setOpen(!isOpen)}>
          Menu
        </button>
      </div>
      <div id="menu" class="menu">
        <Cycles />
        <nav aria-label="Views">
          {groups.map(({ title, views }) => (
            <div key={title} class="menu-group">
              <p class="menu-title" id={`menu-${title}`}>
                {title}
              </p>
              <ul aria-labelledby={`menu-${title}`}>
                {views.map((view) => (
                  <li key={view}>
                    <Link to={addressOf(view)} class="menu-link" isCurrent={address.value.view === view}>
                      <Icon name={view} />
                      {viewOf(view).title}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
        <Switches />
      </div>
    </header>
  )
}

/** The cycles of this server, and which one is shown. */
function Cycles() {
  const all = cycles.value ?? []
  const shown = cycle.value
  if (all.length < 2 && shown !== undefined) {
    return (
      <div class="cycles">
        <p class="cycle-title">{shown.title}</p>
        <p class="quiet-text" id="cycle">
          cycle {shown.cycle}, version {shown.version}
        </p>
      </div>
    )
  }
  return (
    <nav class="cycles" id="cycles" aria-label="Cycles">
      {all.map((one) => (
        <Link
          key={one.cycle}
          // The actor that was looked up may also be in another cycle for actors of its type.
          to={{ view: address.value.view, cycle: one.cycle, where: [], actor: one.actor === shown?.actor ? address.value.actor : undefined }}
          class="menu-link"
          isCurrent={one.cycle === shown?.cycle}
        >
          {one.title}
        </Link>
      ))}
    </nav>
  )
}

const themeNames = { system: 'System colours', light: 'Light colours', dark: 'Dark colours' } as const

/** The pause, the colours, and how numbers come. */
function Switches() {
  return (
    <div class="switches">
      <p class="quiet-text status">
        <span class={`lamp ${isAnswering.value ? (isPaused.value ? 'paused' : 'on') : 'off'}`} aria-hidden="true" />
        {isAnswering.value ? (isPaused.value ? 'Paused' : manner.value === undefined ? 'Connecting' : 'Live') : 'No answer'}
      </p>
      <div class="row">
        <button type="button" id="pause" aria-pressed={isPaused.value} onClick={togglePause}>
          {isPaused.value ? 'Go on' : 'Pause'}
        </button>
        <button type="button" id="theme" onClick={switchTheme} aria-label={`${themeNames[theme.value]}: change`} title={themeNames[theme.value]}>
          <Icon name={theme.value} />
        </button>
      </div>
      <p class="quiet-text keys-hint">
        Read <a href="/openapi.json">the API</a> with a read key where keys are required.
      </p>
    </div>
  )
}
