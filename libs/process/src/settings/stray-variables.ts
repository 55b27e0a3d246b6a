import { editDistance, nearestName } from '#cycle'
import { type Settings, variableOf } from './configuration.ts'
import { fileKindOf } from './secret-setting.ts'

const PREFIX = 'RONDO_'
/** Variables of the command, of images and of tests, which are settings of no app. */
const OTHERS = ['RONDO_KEY', 'RONDO_DEBUG', 'RONDO_VERSION', 'RONDO_WRAPPER', 'RONDO_FAULT', 'RONDO_FAULT_', 'RONDO_TEST_']
/** The names that Kubernetes and Docker set for a service, such as RONDO_SERVICE_HOST and RONDO_PORT_8080_TCP_ADDR for one named rondo. */
const SERVICE_NAME = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
/** The value of the variable of a port that they set. */
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\/\S+:\d+$/
/** More differences than these are another name, such as that of a setting of another app. */
const DIFFERENCES_MAX = 2

/** Whether Kubernetes or Docker has set a variable for a service, such as RONDO_PORT=tcp://10.0.0.7:8080 for one named rondo. */
export function isServiceLink(name: string, text: string | undefined): boolean {
  return SERVICE_NAME.test(name) || (name.endsWith('_PORT') && SERVICE_ADDRESS.test(text ?? ''))
}

/**
 * Sentences about variables that look like settings of an app and are none. They are warnings: the environment of a process belongs to others too,
 * and apps of one deployment share it, so a process must not end because of them.
 * @param names all variables of the process
 * @param variable the value of one
 */
export function strayVariables(shape: Settings, names: readonly string[], variable: (name: string) => string | undefined): string[] {
  const known = Object.entries(shape).flatMap(([name, schema]) => {
    const direct = variableOf(name)
    return fileKindOf(schema) === undefined ? [direct] : [direct, `${direct}_FILE`]
  })
  return names.toSorted().flatMap((name) => {
    if (!name.startsWith(PREFIX)) return []
    if (isServiceLink(name, variable(name))) return known.includes(name) ? [serviceLinkText(name)] : []
    if (known.includes(name) || OTHERS.some((other) => name === other || (other.endsWith('_') && name.startsWith(other)))) return []
    const near = nearestName(name, known)
    return near === undefined || editDistance(name, near) > DIFFERENCES_MAX
      ? []
      : [`The variable ${name} is no setting and has no effect; did you mean ${near}?`]
  })
}

const serviceLinkText = (name: string): string =>
  `The variable ${name} is not used, because its value is the address of a service: Kubernetes sets such variables in each pod. Give the setting as an argument, or set enableServiceLinks: false in the pod.`
