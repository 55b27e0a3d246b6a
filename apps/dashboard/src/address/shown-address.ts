import { signal } from '@preact/signals'
import { type Address, formatAddress, readAddress, type View } from './address.ts'

/** The address that is shown. */
export const address = signal<Address>(readAddress(location))

/** Counts how often somebody went to another view, so that it can get the focus. */
export const visits = signal(0)

/** What each view keeps when another one is opened. */
const keptEverywhere = ['cycle', 'range', 'by', 'zone', 'where', 'embed'] as const

/** Where a link leads: the given parts; the cycle, the range, the zone, the filters and the frame stay. */
export function addressOf(view: View, parts: Partial<Address> = {}): Address {
  const kept = Object.fromEntries(keptEverywhere.map((name) => [name, address.value[name]]))
  return { where: [], ...kept, view, ...parts }
}

/** Opens an address, as a new entry of the history. */
export function open(next: Address): void {
  if (formatAddress(next) === formatAddress(address.value)) {
    visits.value += 1
    return
  }
  history.pushState(null, '', formatAddress(next))
  address.value = next
  visits.value += 1
}

/** Changes parts of the address in place: a choice, no new place. */
export function adjust(parts: Partial<Address>): void {
  const next = { ...address.value, ...parts }
  history.replaceState(null, '', formatAddress(next))
  address.value = next
}

/** Follows the buttons of the browser, and addresses of an earlier page. */
export function followHistory(): void {
  const read = (): void => {
    address.value = readAddress(location)
    visits.value += 1
  }
  addEventListener('popstate', read)
  if (location.hash.startsWith('#actor=')) history.replaceState(null, '', formatAddress(address.value))
}
