import { gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { bundleDashboard } from './bundle-dashboard.ts'

/** What a browser loads, packed. */
const BYTES_MAX = 100_000
const COMPONENT_BYTES_MAX = 4_000

it('the dashboard is small, loads nothing from elsewhere, and carries the licences of what is in it', async () => {
  const files = new Map((await bundleDashboard()).map(({ target, content }) => [target.split('/').at(-1) ?? '', content]))
  expect([...files.keys()].sort()).toEqual(['dashboard.css', 'dashboard.js', 'licences.txt', 'rondo-stages.js'])
  const loaded = [files.get('dashboard.js'), files.get('dashboard.css')].map((content) => content ?? Buffer.alloc(0))
  expect(loaded.reduce((sum, content) => sum + gzipSync(content).length, 0)).toBeLessThan(BYTES_MAX)
  // The names of two vocabularies are no addresses that are loaded.
  const addresses = loaded.join('').match(/https?:\/\/[^"'`\s)]+/g) ?? []
  expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([])
  const component = files.get('rondo-stages.js') ?? Buffer.alloc(0)
  expect(gzipSync(component).length).toBeLessThan(COMPONENT_BYTES_MAX)
  expect(component.toString()).not.toMatch(/https?:|innerHTML|preact/)
  for (const name of ['preact', '@preact/signals']) expect(files.get('licences.txt')?.toString()).toMatch(new RegExp(`^${name} \\d`, 'm'))
})
