/** The views of the dashboard, in the order in which the menu lists them. */
export const views = ['cycle', 'people', 'live', 'counts', 'flow', 'dwell', 'activity', 'breakdown', 'events', 'health'] as const
export type View = (typeof views)[number]

/** A filter: only actors whose newest trait has this value; null: only those without the trait. */
interface TraitFilter {
  readonly trait: string
  readonly value: string | null
}

/** What is shown. Everything of it stands in the address bar, so that an address can be sent to other people. */
export interface Address {
  readonly view: View
  /** Undefined: the first cycle of the server. */
  readonly cycle?: string | undefined
  readonly stage?: string | undefined
  /** The id of an actor. */
  readonly actor?: string | undefined
  /** The name of a range, such as `30d`, or `FROM..UNTIL` as dates. */
  readonly range?: string | undefined
  /** The length of a period: hour, day, week or month. */
  readonly by?: string | undefined
  /** An IANA name. Undefined: the zone of the cycle. */
  readonly zone?: string | undefined
  /** The trait by which actors are broken down. */
  readonly trait?: string | undefined
  /** The kind of what is shown, where a picture has several. */
  readonly kind?: string | undefined
  /** The stage that people in a list left; `start` for none. */
  readonly source?: string | undefined
  /** The stage that people in a list entered, or the way out of a stage that a curve is about. */
  readonly to?: string | undefined
  /** The moment of a list: who was in a stage then; with `source` and `since`, only those that were in another stage before. */
  readonly at?: string | undefined
  /** The part of time of a list. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** `1` in a frame on a page of others: the server shows nothing else there. */
  readonly embed?: string | undefined
  readonly where: readonly TraitFilter[]
}

const names = ['cycle', 'stage', 'actor', 'range', 'by', 'zone', 'trait', 'kind', 'source', 'to', 'at', 'since', 'until', 'embed'] as const

/** Reads an address. A view that there is not is the first one; `#actor=ID` is the form of an earlier page, and still works. */
export function readAddress({ search, hash }: { readonly search: string; readonly hash: string }): Address {
  const parameters = new URLSearchParams(search)
  const [, earlier] = /^#actor=(.+)$/.exec(hash) ?? []
  const named = parameters.get('view')
  const view = views.find((name) => name === named) ?? 'cycle'
  const texts = Object.fromEntries(names.map((name) => [name, parameters.get(name) || undefined]))
  const where = parameters.getAll('where').flatMap(readFilter)
  if (earlier !== undefined) return { view: 'people', ...texts, actor: decoded(earlier), where }
  return { view, ...texts, where }
}

/** The address as a query, with a fixed order of its parts. */
export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams()
  if (address.view !== 'cycle') parameters.set('view', address.view)
  for (const name of names) {
    const value = address[name]
    if (value !== undefined && value !== '') parameters.set(name, value)
  }
  for (const filter of address.where) parameters.append('where', formatFilter(filter))
  const query = parameters.toString()
  return query === '' ? '/' : `/?${query}`
}

/** A filter as requests write it. */
export const formatFilter = ({ trait, value }: TraitFilter): string => (value === null ? `!${trait}` : `${trait}:${value}`)

/** `trait:value` or `!trait`; anything else is no filter. */
function readFilter(text: string): TraitFilter[] {
  const [, without] = /^!([^:]+)$/s.exec(text) ?? []
  if (without !== undefined) return [{ trait: without, value: null }]
  const [, trait, value] = /^([^:]+):(.*)$/s.exec(text) ?? []
  return trait === undefined || value === undefined ? [] : [{ trait, value }]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
