import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { servedFolderForTests } from './fixtures/serving/served-folder.ts'

const FILE = 'deploy/grafana/infinity/cycle.json'

/** A column of a table of Infinity: where its value is in a row, and the type that it is read as. */
interface Column {
  readonly selector: string
  readonly type: 'string' | 'number' | 'timestamp'
}
/** What a panel asks for. */
interface Target {
  readonly url: string
  readonly root_selector: string
  readonly columns: readonly Column[]
}
const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[] }
const targets = panels.flatMap((panel) => panel.targets.map((target) => [panel.title, target] as const))

/** The variables of Grafana, with the values that it would put in. */
const variables: Readonly<Record<string, string>> = {
  '${cycle}': 'shopper',
  '${__from:date:iso}': '2026-01-01T00:00:00.000Z',
  '${__to:date:iso}': '2026-01-10T00:00:00.000Z',
}
const filled = (url: string): string => Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), url)

/** The value at a path such as `output.actor.id`. */
const valueAt = (row: unknown, selector: string): unknown =>
  selector.split('.').reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>> | undefined)?.[name], row)

function isOf(type: Column['type'], value: unknown): boolean {
  if (type === 'number') return typeof value === 'number'
  return typeof value === 'string' && (type === 'string' || !Number.isNaN(Date.parse(value)))
}

describe('the dashboard of Grafana that reads the API', () => {
  const served = servedFolderForTests({ hasHistory: true })
  beforeEach(async () => {
    await served().filled.order('a', 0).order('b', 1).order('c', 2).tick(5).commit()
    await served().follow()
  })

  it('has panels', () => expect(targets.length).toBeGreaterThan(3))

  it.each(targets)('%s gets rows, with a value of its type in each column', async (_, { url, root_selector: root, columns }) => {
    const asked = filled(url)
    expect(asked).not.toContain('$')
    const answer = await served().get(asked)
    expect([asked, answer.status]).toEqual([asked, 200])
    const rows = valueAt(await answer.json(), root) as readonly unknown[]
    expect(rows.length).toBeGreaterThan(0)
    const wrong = rows.flatMap((row) => columns.filter(({ selector, type }) => !isOf(type, valueAt(row, selector))).map(({ selector }) => selector))
    expect(wrong).toEqual([])
  })
})
