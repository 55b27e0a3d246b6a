import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { installKubernetesTools, render } from './kubernetes-tools.ts'
import { root } from './root.ts'

const KUBERNETES = join('deploy', 'kubernetes')
const HEAD = '# npm run manifests makes this file from deploy/prometheus/rules.yaml.\n'

/** The alert rules as an object of the Prometheus Operator: a kustomization cannot take a file into an object. */
export function prometheusRule(rules: string): string {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'rondo', labels: { release: 'prometheus' } },
    spec: parse(rules),
  }
  return HEAD + stringify(rule, { lineWidth: 0 })
}

/** Writes the plain manifests of each overlay, which stand in the repository beside their sources. */
async function writeManifests(): Promise<void> {
  if (!(await installKubernetesTools())) process.exit(1)
  const rules = readFileSync(join(root, 'deploy', 'prometheus', 'rules.yaml'), 'utf8')
  writeFileSync(join(root, KUBERNETES, 'components', 'monitoring', 'prometheus-rule.yaml'), prometheusRule(rules))
  for (const overlay of readdirSync(join(root, KUBERNETES, 'overlays'))) {
    writeFileSync(join(root, KUBERNETES, 'rendered', `${overlay}.yaml`), render(join(KUBERNETES, 'overlays', overlay)))
  }
}

if (import.meta.main) await writeManifests()
