import type { ComponentChildren } from 'preact'
import { type Address, formatAddress } from '../address/address.ts'
import { open } from '../address/shown-address.ts'

/** A click that the browser should treat itself, such as one for a new tab. */
const isForBrowser = (event: MouseEvent): boolean => event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey

/** Opens an address without loading the page again. */
export const followLink =
  (to: Address) =>
  (event: MouseEvent): void => {
    if (isForBrowser(event)) return
    event.preventDefault()
    open(to)
  }

/** The parts of a link inside of the dashboard. */
interface LinkProps {
  readonly to: Address
  readonly class?: string
  readonly label?: string
  readonly isCurrent?: boolean
  readonly children: ComponentChildren
}

/** A link inside of the dashboard: an ordinary link for the browser, which opens without loading the page again. */
export function Link({ to, label, isCurrent = false, children, ...rest }: LinkProps) {
  return (
    <a href={formatAddress(to)} onClick={followLink(to)} aria-label={label} aria-current={isCurrent ? 'page' : undefined} {...rest}>
      {children}
    </a>
  )
}
