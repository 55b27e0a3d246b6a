import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installKubernetesTools, render } from './kubernetes-tools.ts'
import { root } from './root.ts'

const KUBERNETES = join('deploy', 'kubernetes')

// Writes the plain manifests of each overlay, which stand in the repository beside their sources.
if (!(await installKubernetesTools())) process.exit(1)
for (const overlay of readdirSync(join(root, KUBERNETES, 'overlays'))) {
  writeFileSync(join(root, KUBERNETES, 'rendered', `${overlay}.yaml`), render(join(KUBERNETES, 'overlays', overlay)))
}
