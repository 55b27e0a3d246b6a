const TEXT = `
:host { display: block; font: inherit; color: inherit; }
.title { margin: 0 0 0.5em; font-size: 1em; font-weight: 600; }
.stages { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.35em; }
.stage { display: grid; grid-template-columns: minmax(6em, 30%) 1fr auto; gap: 0.75em; align-items: center; }
.track { block-size: 0.6em; border-radius: 0.3em; background: color-mix(in srgb, currentColor 10%, transparent); overflow: hidden; }
.bar { display: block; block-size: 100%; border-radius: inherit; background: var(--rondo-active, #4a5fe0); }
.lapsed .bar { background: var(--rondo-lapsed, #8b9098); }
.returned .bar { background: var(--rondo-returned, #0a8f67); }
.count { font-variant-numeric: tabular-nums; text-align: end; }
.foot { margin: 0.75em 0 0; font-size: 0.85em; opacity: 0.8; }
.refused { margin: 0 0 0.5em; color: var(--rondo-refused, #a3182a); }
`

/** The style of the element. It is made by a script, so that no policy of the page has to allow it. */
export function stageStyle(): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(TEXT)
  return sheet
}
