import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { bufferSettings } from '../../apps/ingest/src/kafka/buffer-setting.ts'
import { DRAIN_MS_MAX } from '../../libs/process/src/run-app.ts'
import { build } from '../../scripts/build.ts'
import { prometheusRule } from '../../scripts/manifests.ts'
import { root } from '../../scripts/root.ts'
import { isWorkload, KUBERNETES, type Manifest, manifestsOf, mapsOf } from './manifest.ts'
import { models } from './models.ts'
import { podOf, reportOn, settingsOf } from './pod-settings.ts'

const APPS = ['ingest', 'processor', 'reactor', 'serving']
const PART = { matchLabels: { 'app.kubernetes.io/part-of': 'rondo' } }

const production = manifestsOf('production')
const everyOverlay = ['production', 'trial'].map((overlay) => [overlay, manifestsOf(overlay)] as const)
/** The schemas of the Prometheus Operator are checked where its objects are rendered (test/e2e). */
const hasModel = ({ kind }: Manifest): boolean => kind in models
const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name.replace(/-[0-9a-z]{10}$/, '')}`
const specOf = (name: string): object => (production.find((manifest) => nameOf(manifest) === name) as Manifest).spec
const workloads = everyOverlay.flatMap(([overlay, manifests]) =>
  manifests.filter(isWorkload).map((manifest) => [overlay, manifest.metadata.name, manifest] as const),
)

let home: TemporaryFolder
beforeAll(async () => {
  home = temporaryFolder()
  await build({ onlyIfStale: true })
})
afterAll(() => home[Symbol.dispose]())

describe('the manifests', () => {
  it.each(everyOverlay.flatMap(([overlay, manifests]) => manifests.filter(hasModel).map((manifest) => [overlay, nameOf(manifest), manifest] as const)))(
    'of %s have a %s that the API accepts',
    (_overlay, _name, manifest) => {
      const Model = models[manifest.kind as keyof typeof models]
      expect(() => new Model(manifest as never).validate()).not.toThrow()
    },
  )

  it.each(everyOverlay)('of %s are all in the namespace that they create, and name maps and secrets that they create', (_overlay, manifests) => {
    const [space] = manifests.filter(({ kind }) => kind === 'Namespace')
    const others = manifests.filter((manifest) => manifest !== space)
    expect([...new Set(others.map(({ metadata }) => metadata.namespace))]).toEqual([space?.metadata.name])
    const generated = manifests.filter(({ kind }) => /^(ConfigMap|Secret)$/.test(kind)).map(({ metadata }) => metadata.name)
    for (const { spec } of manifests.filter(isWorkload)) expect(generated).toEqual(expect.arrayContaining(mapsOf(spec.template.spec)))
  })

  it('use every file beside them', () => {
    for (const file of globSync(`${KUBERNETES}/**/kustomization.yaml`)) {
      const { resources = [], patches = [], configMapGenerator = [], secretGenerator = [] } = parse(readFileSync(file, 'utf8'))
      const generated = [...configMapGenerator, ...secretGenerator].flatMap(({ envs = [], files = [] }) => [...envs, ...files])
      const named = [...resources, ...generated, ...patches.flatMap(({ path = [] }) => path)].filter((name) => !name.startsWith('..'))
      // The values of the adapter belong to another chart.
      const others = ['kustomization.yaml', 'prometheus-adapter.yaml']
      const found = globSync('**/*', { cwd: dirname(file) }).filter((name) => !others.includes(name) && statSync(join(dirname(file), name)).isFile())
      expect([file, named.sort()]).toEqual([file, found.sort()])
    }
  })

  it('contain the shipped cycle, since a kustomization cannot read files outside its folder', () => {
    expect(readFileSync(join(KUBERNETES, 'base', 'definitions', 'shopper.yaml'), 'utf8')).toBe(
      readFileSync(join(root, 'deploy', 'cycles', 'shopper.yaml'), 'utf8'),
    )
  })

  it.each(everyOverlay.flatMap(([overlay, manifests]) => APPS.map((app) => [overlay, app, manifests] as const)))(
    'of %s start the %s, which accepts its settings',
    async (overlay, app, manifests) => {
      const pod = podOf(manifests, app)
      expect(pod.containers[0].args).toEqual([`dist/apps/${app}/src/main.js`])
      expect(await reportOn(manifests, app, join(home.path, overlay, app))).toContain('The settings are good.')
    },
  )
})

describe('the pods', () => {
  it.each(workloads)('of %s run the %s with the least rights', (_overlay, _app, { spec }) => {
    expect(spec.template.spec).toMatchObject({
      serviceAccountName: 'rondo',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    })
    const [{ securityContext, resources }] = spec.template.spec.containers
    expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    expect(resources).toMatchObject({ requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: { memory: expect.any(String) } })
  })

  it.each(workloads)('of %s give the %s time to end its work, after the time in which it gets its last requests', (_overlay, _app, { spec }) => {
    const { containers, terminationGracePeriodSeconds } = spec.template.spec
    const [, seconds = '0'] = containers[0].lifecycle?.preStop.exec.command ?? []
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + DRAIN_MS_MAX / 1000 + 5)
  })

  it('of the apps that clients send to wait before they end', () => {
    const waiting = production.filter((manifest) => isWorkload(manifest) && manifest.spec.template.spec.containers[0].lifecycle !== undefined)
    expect(waiting.map(({ metadata }) => metadata.name).sort()).toEqual(['ingest', 'serving'])
  })

  it.each([
    ['ingest', 'buffer', 'RONDO_BUFFER', 1.1 * bufferSettings.bufferBytesMax.parse(undefined) + 8 * 2 ** 20],
    ['serving', 'history', 'RONDO_HISTORY', 2 ** 30],
  ])('of %s keep the %s on a volume of their own that is large enough, and may be written', (app, kept, setting, bytesMin) => {
    for (const [, manifests] of everyOverlay) {
      const { spec } = manifests.find((manifest) => nameOf(manifest) === `StatefulSet ${app}`) as Manifest
      const [container] = spec.template.spec.containers
      const folder = container.env?.find(({ name }) => name === setting)?.value
      const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === folder)
      expect(mount).toEqual({ name: kept, mountPath: expect.any(String) })
      const claim = spec.volumeClaimTemplates?.find(({ metadata }) => metadata.name === kept)
      expect(Number(claim?.spec.resources.requests.storage.replace('Gi', '')) * 2 ** 30).toBeGreaterThan(bytesMin)
    }
  })

  it('of production all run one image, by its digest', () => {
    const images = production.filter(isWorkload).map(({ spec }) => spec.template.spec.containers[0].image)
    expect([...new Set(images)]).toEqual([expect.stringMatching(/^[a-z0-9.\-/]+@sha256:[0-9a-f]{64}$/)])
  })
})

describe('around the pods', () => {
  const portsOf = (app: string) => podOf(production, app).containers[0].ports.map(({ name, containerPort }) => [name, containerPort])

  it('services, monitors and ingresses name ports that exist', () => {
    for (const app of APPS)
      expect(portsOf(app)).toEqual([
        ['http', 8080],
        ['metrics', 9080],
      ])
    for (const app of ['ingest', 'serving']) {
      expect(specOf(`Service ${app}`)).toMatchObject({ selector: { 'app.kubernetes.io/name': app }, ports: [{ name: 'http', targetPort: 'http' }] })
      expect(specOf(`Ingress ${app}`)).toMatchObject({
        tls: [{ hosts: [expect.any(String)], secretName: expect.any(String) }],
        rules: [{ http: { paths: [{ backend: { service: { name: app, port: { name: 'http' } } } }] } }],
      })
    }
    expect(specOf('Service metrics')).toMatchObject({ clusterIP: 'None', selector: PART.matchLabels, ports: [{ name: 'metrics', targetPort: 'metrics' }] })
    const { labels } = (production.find((manifest) => nameOf(manifest) === 'Service metrics') as Manifest).metadata
    expect(specOf('ServiceMonitor rondo')).toMatchObject({ selector: { matchLabels: labels }, endpoints: [{ port: 'metrics', path: '/metrics' }] })
  })

  it('network policies let clients reach only ingest and serving, and Prometheus only the metrics', () => {
    expect(specOf('NetworkPolicy rondo')).toEqual({ podSelector: PART, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] })
    expect(specOf('NetworkPolicy rondo-http')).toMatchObject({
      podSelector: { matchExpressions: [{ values: ['ingest', 'serving'] }] },
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 'http' }] }],
    })
    const monitoring = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]
    expect(specOf('NetworkPolicy rondo-metrics')).toMatchObject({ podSelector: PART, ingress: [{ from: monitoring, ports: [{ port: 'metrics' }] }] })
  })

  it('network policies let the apps reach the addresses in their settings, and DNS', () => {
    const namespace = (name: string) => [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }]
    const { RONDO_BROKERS: brokers = '', RONDO_REDIS: redis = '' } = settingsOf(production, podOf(production, 'serving'), join(home.path, 'addresses'))
    for (const [policy, { hostname, port }] of [
      ['rondo-log', new URL(`kafka://${brokers}`)],
      ['rondo-redis', new URL(redis)],
    ] as const) {
      const [, space = ''] = hostname.split('.')
      expect(specOf(`NetworkPolicy ${policy}`)).toMatchObject({
        policyTypes: ['Egress'],
        egress: expect.arrayContaining([{ to: namespace(space), ports: expect.arrayContaining([{ port: Number(port) }]) }]),
      })
    }
    const dns = [
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ]
    expect(specOf('NetworkPolicy rondo-log')).toMatchObject({ podSelector: PART, egress: expect.arrayContaining([expect.objectContaining({ ports: dns })]) })
  })

  it('an autoscaler alone decides how many processors there are, at most one for each partition', () => {
    const { RONDO_PARTITIONS: partitions } = settingsOf(production, podOf(production, 'processor'), join(home.path, 'partitions'))
    expect(specOf('HorizontalPodAutoscaler processor')).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'processor' },
      maxReplicas: Number(partitions),
    })
    expect(specOf('HorizontalPodAutoscaler serving')).toMatchObject({ scaleTargetRef: { kind: 'StatefulSet', name: 'serving' } })
    for (const scaled of ['Deployment processor', 'StatefulSet serving']) expect(specOf(scaled)).not.toHaveProperty('replicas')
  })

  it('alert rules are those of deploy/prometheus', () => {
    const rules = readFileSync(join(root, 'deploy', 'prometheus', 'rules.yaml'), 'utf8')
    expect(readFileSync(join(KUBERNETES, 'components', 'monitoring', 'prometheus-rule.yaml'), 'utf8')).toBe(prometheusRule(rules))
    expect(specOf('PrometheusRule rondo')).toEqual(parse(rules))
  })

  it('the metric of the autoscaler is the one that the values for the Prometheus Adapter give', () => {
    const values = parse(readFileSync(join(KUBERNETES, 'components', 'autoscaling', 'prometheus-adapter.yaml'), 'utf8'))
    const [{ external }] = (specOf('HorizontalPodAutoscaler processor') as { metrics: [{ external: { metric: { name: string } } }] }).metrics
    expect(values.rules.external.map(({ name }: { name: { as: string } }) => name.as)).toEqual([external.metric.name])
    expect(readFileSync(join(root, 'docs', 'reference', 'metrics.md'), 'utf8')).toContain(external.metric.name)
  })

  it('disruption budgets keep all but one process of each app that has several', () => {
    for (const app of ['ingest', 'processor', 'serving'])
      expect(specOf(`PodDisruptionBudget ${app}`)).toEqual({ maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': app } } })
  })
})
