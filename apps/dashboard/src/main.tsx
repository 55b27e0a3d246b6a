import { render } from 'preact'
import { followHistory } from './address/shown-address.ts'
import { readCycles } from './answers/shown-cycle.ts'
import { App } from './app.tsx'
import { showTheme } from './parts/theme.ts'

showTheme()
followHistory()
void readCycles()
const place = document.getElementById('app')
if (place !== null) render(<App />, place)
