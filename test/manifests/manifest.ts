import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { root } from '../../scripts/root.ts'

/** Names of the labels by which objects find each other. */
type Labels = Readonly<Record<string, string>>

/** A container of a pod. */
interface Container {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly envFrom: readonly ({ readonly configMapRef: { readonly name: string } } | { readonly secretRef: { readonly name: string } })[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly securityContext: object
  readonly resources: object
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
}

/** What a pod is made from. */
export interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly [Container]
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string }; readonly secret?: { readonly secretName: string } }[]
}

/** The parts of manifests that are checked. */
export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels }
  readonly data?: Labels
  readonly spec: {
    readonly replicas?: number
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string }
      readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
    }[]
  }
}

/** The folder of the manifests. */
export const KUBERNETES = join(root, 'deploy', 'kubernetes')

/** The plain manifests of an overlay. */
export function manifestsOf(overlay: string): Manifest[] {
  return readManifests(readFileSync(join(KUBERNETES, 'rendered', `${overlay}.yaml`), 'utf8'))
}

/** The manifests of a text. */
export const readManifests = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS())

/** The names of all maps and secrets that a pod needs. */
export function mapsOf({ containers, volumes = [] }: PodSpec): string[] {
  const variables = containers.flatMap(({ envFrom }) => envFrom.map((from) => ('configMapRef' in from ? from.configMapRef.name : from.secretRef.name)))
  return [...variables, ...volumes.flatMap(({ configMap, secret }) => [configMap?.name ?? secret?.secretName ?? []].flat())]
}

export const isWorkload = ({ kind }: Manifest): boolean => kind === 'Deployment' || kind === 'StatefulSet'

/** The values of a generated map or secret, whose name is in the manifests with the hash of its content. */
export function valuesOf(manifests: readonly Manifest[], name: string): Labels {
  const { kind, data = {} } = manifests.find(({ kind, metadata }) => /^(ConfigMap|Secret)$/.test(kind) && metadata.name === name) as Manifest
  return kind === 'ConfigMap' ? data : Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}
