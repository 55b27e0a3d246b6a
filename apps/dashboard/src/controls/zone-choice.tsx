import { useMemo } from 'preact/hooks'
import { address, adjust } from '../address/shown-address.ts'
import { cycle, zone } from '../answers/shown-cycle.ts'

/** The zone in which days begin and times are shown. */
export function ZoneChoice() {
  const ofCycle = cycle.value?.timezone ?? 'UTC'
  const near = useMemo(() => [...new Set([ofCycle, Intl.DateTimeFormat().resolvedOptions().timeZone, 'UTC'])], [ofCycle])
  const others = useMemo(() => Intl.supportedValuesOf('timeZone').filter((name) => !near.includes(name)), [near])
  // A zone of an address that the browser lists under another name.
  const isElsewhere = !near.includes(zone.value) && !others.includes(zone.value)
  return (
    <label class="zone-choice">
      <span class="unseen">Time zone</span>
      <select
        id="zone"
        value={address.value.zone ?? ofCycle}
        onChange={({ currentTarget }) => adjust({ zone: currentTarget.value === ofCycle ? undefined : currentTarget.value })}
      >
        {[...near, ...(isElsewhere ? [zone.value] : [])].map((name) => (
          <option key={name} value={name}>
            {name.replaceAll('_', ' ')}
          </option>
        ))}
        <optgroup label="All zones">
          {others.map((name) => (
            <option key={name} value={name}>
              {name.replaceAll('_', ' ')}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  )
}
