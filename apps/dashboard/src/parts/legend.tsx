import type { ComponentChildren } from 'preact'

/** A series of a picture: its colour, its name, and its number at the place that is pointed at. */
export interface LegendItem {
  readonly key: string
  readonly accent: string
  readonly title: ComponentChildren
  readonly value: ComponentChildren
  /** What stands behind the number, such as a share. */
  readonly aside?: ComponentChildren
}

/** The series of a picture with their numbers at one place of it. */
export function Legend({
  title,
  items,
  children,
}: {
  readonly title: ComponentChildren
  readonly items: readonly LegendItem[]
  readonly children?: ComponentChildren
}) {
  return (
    <div class="legend">
      <p class="legend-title">{title}</p>
      <ul>
        {items.map(({ key, accent, title: name, value, aside }) => (
          <li key={key} class={accent} data-series={key}>
            <span class="dot" aria-hidden="true" />
            <span class="legend-name">{name}</span>
            <span class="legend-value">{value}</span>
            {aside === undefined ? null : <span class="legend-aside">{aside}</span>}
          </li>
        ))}
      </ul>
      {children}
    </div>
  )
}
