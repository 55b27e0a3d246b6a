import { signal } from '@preact/signals'

const themes = ['system', 'light', 'dark'] as const
/** Which colours are shown: those that the system asks for, or others. */
export type Theme = (typeof themes)[number]

const KEY = 'rondo-theme'

/** A browser can forbid a page to keep anything. */
function keptTheme(): Theme {
  try {
    return themes.find((name) => name === localStorage.getItem(KEY)) ?? 'system'
  } catch {
    return 'system'
  }
}

/** The theme that somebody chose on this browser. */
export const theme = signal<Theme>(keptTheme())

/** Shows the chosen theme. */
export function showTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.value
}

/** The next theme: system, light, dark, and so on. */
export function switchTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system'
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    // It holds until the page is closed.
  }
  showTheme()
}
