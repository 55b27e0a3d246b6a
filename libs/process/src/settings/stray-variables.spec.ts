import { describe, expect, it } from '@jest/globals'
import { kafkaSettings } from './kafka-configuration.ts'
import { definitionSettings } from './live-definition.ts'
import { isServiceLink, strayVariables } from './stray-variables.ts'

const settings = { ...kafkaSettings, ...definitionSettings }
const strays = (variables: Record<string, string>) => strayVariables(settings, Object.keys(variables), (name) => variables[name])

describe('the variables of a process', () => {
  it('that are nearly the name of a setting are reported with that name', () => {
    expect(strays({ RONDO_BROKER: 'a:1', RONDO_DEFINTION: 'x', RONDO_KAFKA_PASSWORD_FIEL: '/run/secret', PATH: '/bin' })).toEqual([
      'The variable RONDO_BROKER is no setting and has no effect; did you mean RONDO_BROKERS?',
      'The variable RONDO_DEFINTION is no setting and has no effect; did you mean RONDO_DEFINITION?',
      'The variable RONDO_KAFKA_PASSWORD_FIEL is no setting and has no effect; did you mean RONDO_KAFKA_PASSWORD_FILE?',
    ])
  })

  it('that are settings, or those of other apps, of the command, of tests and of services, are not', () => {
    const others = ['RONDO_REDIS_CERT_FILE', 'RONDO_REDIS_PASSWORD_FILE', 'RONDO_KEY', 'RONDO_VERSION', 'RONDO_TEST_BROKER', 'RONDO_FAULT_LOG']
    const services = ['RONDO_SERVICE_HOST', 'RONDO_SERVICE_PORT', 'RONDO_SERVICE_PORT_HTTP', 'RONDO_PORT_8080_TCP', 'RONDO_PORT_8080_TCP_ADDR']
    const settled = ['RONDO_BROKERS', 'RONDO_KAFKA_PASSWORD_FILE']
    expect(strays(Object.fromEntries([...others, ...services, ...settled].map((name) => [name, 'x'])))).toEqual([])
    expect(strays({ RONDO_PORT: 'tcp://10.0.0.7:8080' })).toEqual([])
  })

  it('that Kubernetes sets for a service named rondo, or rondo-metrics, are not taken for settings of ports', () => {
    const port = { port: definitionSettings.definition }
    const text = 'tcp://10.0.0.7:8080'
    expect([isServiceLink('RONDO_PORT', text), isServiceLink('RONDO_METRICS_PORT', text), isServiceLink('RONDO_PORT', '8080')]).toEqual([true, true, false])
    expect(strayVariables(port, ['RONDO_PORT'], () => text)).toEqual([expect.stringMatching(/^The variable RONDO_PORT is not used.*enableServiceLinks: false/)])
  })
})
