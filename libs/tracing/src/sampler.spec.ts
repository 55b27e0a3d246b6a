import { describe, expect, it } from '@jest/globals'
import { samplerOf } from './sampler.ts'

describe('the sampler that the variables of OpenTelemetry name', () => {
  it.each([
    [undefined, undefined, 'ParentBased{root=AlwaysOnSampler'],
    ['always_off', undefined, 'AlwaysOffSampler'],
    ['traceidratio', '0.25', 'TraceIdRatioBased{0.25}'],
    ['parentbased_traceidratio', '0.01', 'ParentBased{root=TraceIdRatioBased{0.01}'],
  ])('%j with the argument %j is %s', (name, argument, expected) => {
    expect(samplerOf(name, argument).toString()).toContain(expected)
  })

  it.each([
    ['sometimes', '1', 'OTEL_TRACES_SAMPLER: expected one of always_on'],
    ['traceidratio', '25', 'OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, such as 0.01, found "25"'],
    ['traceidratio', '', 'OTEL_TRACES_SAMPLER_ARG'],
    ['traceidratio', 'half', 'OTEL_TRACES_SAMPLER_ARG'],
  ])('%j with the argument %j is refused', (name, argument, message) => {
    expect(() => samplerOf(name, argument)).toThrow(expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining(message) }))
  })
})
