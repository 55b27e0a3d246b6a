import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { alertRules } from './fixtures/metrics/alert-rules.ts'
import { metricsOnPage } from './fixtures/metrics/exposed-metrics.ts'
import { readQuery } from './fixtures/metrics/promql.ts'

/** A dashboard of Grafana, as far as it is checked. */
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  readonly panels: readonly { readonly title: string; readonly datasource: { readonly uid: string }; readonly targets: readonly { readonly expr: string }[] }[]
}

/** Prometheus adds them to each series. */
const ADDED = ['job', 'instance', 'le']

const registry = new Registry()
collectDefaultMetrics({ register: registry })
const labelsOf = new Map<string, readonly string[]>([
  ...registry.getMetricsAsArray().map(({ name }) => [name, []] as const),
  ...['ingest', 'processor', 'reactor', 'serving', 'rondo start'].flatMap(metricsOnPage).flatMap(({ name, type, labels }) => {
    const series = type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
    return series.map((one) => [one, labels.split(', ')] as const)
  }),
])

/** What is wrong with a query: where it cannot be read, and the metrics and labels that no app has. */
function defectsOf(text: string): string[] {
  const { defects, selectors, grouping } = readQuery(text)
  const unknown = selectors.flatMap(({ metric, labels }) => {
    const known = labelsOf.get(metric)
    if (known === undefined) return [`there is no metric ${metric}`]
    return labels.filter((label) => ![...known, ...ADDED].includes(label)).map((label) => `${metric} has no label ${label}`)
  })
  const all = new Set([...ADDED, ...selectors.flatMap(({ metric }) => labelsOf.get(metric) ?? [])])
  return [...defects, ...unknown, ...grouping.filter((label) => !all.has(label)).map((label) => `no metric of it has the label ${label}`)]
}

describe('the check of a query', () => {
  it.each([
    ['sum(rate(rondo_outputs_total[5m])) by (cycle)', []],
    ['sum(rate(rondo_outputs_total[5m])', [expect.stringContaining('<here>')]],
    ['rondo_nothing_total > 0', ['there is no metric rondo_nothing_total']],
    ['max by (shard) (rondo_actors{flavour="x"})', ['rondo_actors has no label flavour', 'no metric of it has the label shard']],
    ['rondo_commit_duration_seconds', ['there is no metric rondo_commit_duration_seconds']],
  ])('of %s finds %j', (text, defects) => {
    expect(defectsOf(text)).toEqual(defects)
  })
})

describe('an alert rule', () => {
  const runbook = readFileSync('docs/guides/runbook.md', 'utf8')
  const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)

  it.each(alertRules.map((rule) => [rule.alert, rule] as const))(
    '%s names metrics that the apps expose, a severity, and what to do',
    (alert, { expr, labels, annotations }) => {
      expect(defectsOf(expr)).toEqual([])
      expect(['warning', 'critical']).toContain(labels?.severity)
      expect(annotations?.summary).toMatch(/\w/)
      expect(annotations?.runbook).toBe(`docs/guides/runbook.md#${alert.toLowerCase()}`)
    },
  )

  it('has a section in the runbook, in the order of the rules, each with what it means, what to look at and what to do', () => {
    expect(sections).toEqual(alertRules.map(({ alert }) => alert))
    const texts = runbook.split(/^## \w+$/m).slice(1)
    expect(texts.filter((text) => !/\*\*Look at\*\*.*\*\*Do\*\*/s.test(text))).toEqual([])
  })

  it('fills its summary with labels that its result has', () => {
    const missing = alertRules.flatMap(({ alert, expr, annotations }) => {
      const kept = readQuery(expr).grouping
      return [...(annotations?.summary ?? '').matchAll(/\$labels\.(\w+)/g)].flatMap(([, label = '']) => (kept.includes(label) ? [] : [`${alert}: ${label}`]))
    })
    expect(missing).toEqual([])
  })
})

describe('a dashboard', () => {
  const dashboards = globSync('deploy/grafana/*.json').map((file) => [file, JSON.parse(readFileSync(file, 'utf8')) as Dashboard] as const)

  it('exists for ingest, processing, serving and freshness, each with an id of its own', () => {
    expect(dashboards.map(([file]) => file).sort()).toEqual(['freshness', 'ingest', 'processing', 'serving'].map((name) => `deploy/grafana/${name}.json`))
    expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(4)
  })

  it.each(dashboards)('of %s asks the chosen data source for metrics that the apps expose', (_, { panels, templating }) => {
    expect(templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }))
    expect(panels.filter(({ datasource }) => !/^\$\{datasource\}$/.test(datasource.uid))).toEqual([])
    const defects = panels.flatMap(({ title, targets }) => targets.flatMap(({ expr }) => defectsOf(expr).map((defect) => `${title}: ${defect}`)))
    expect(defects).toEqual([])
  })

  it('shows each metric of Rondo, or an alert rule has it', () => {
    const texts = [
      ...dashboards.flatMap(([, { panels }]) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
      ...alertRules.map(({ expr }) => expr),
    ]
    const used = new Set(texts.flatMap((text) => readQuery(text).selectors.map(({ metric }) => metric.replace(/_(bucket|count|sum)$/, ''))))
    const exposed = ['ingest', 'processor', 'reactor', 'serving', 'rondo start'].flatMap(metricsOnPage).map(({ name }) => name)
    expect(exposed.filter((name) => !used.has(name))).toEqual([])
  })
})
