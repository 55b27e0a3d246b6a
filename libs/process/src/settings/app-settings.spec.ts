import { describe, expect, it } from '@jest/globals'
import { listeningSettings, metricsPortOf } from './app-settings.ts'
import { readConfiguration } from './configuration.ts'

const portOf = (...args: string[]) => {
  const { configuration } = readConfiguration(listeningSettings(8080), args, () => undefined)
  return configuration && metricsPortOf(configuration)
}

describe('the port of the metrics', () => {
  it('is 1000 above the port of the app, or below it where there is none above', () => {
    expect([portOf(), portOf('--port', '8090'), portOf('--port', '65000')]).toEqual([9080, 9090, 64_000])
  })

  it('is chosen by the system if the port of the app is', () => {
    expect(portOf('--port', '0')).toBe(0)
  })

  it('is the one that is set, and none if the metrics are on the port of the app', () => {
    expect([portOf('--metrics-port', '9464'), portOf('--metrics-port', 'public')]).toEqual([9464, undefined])
  })
})

it('an address for spans that is none is refused with what is expected', () => {
  for (const text of ['bar', 'ftp://a', 'http://'])
    expect(readConfiguration(listeningSettings(8080), ['--tracing', text], () => undefined).defects).toEqual([
      `--tracing: expected http://host:port of a collector, or off, found "${text}"`,
    ])
})
