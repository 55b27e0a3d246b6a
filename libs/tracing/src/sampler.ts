import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import { RondoError } from '#contracts'

const samplers: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
}

/**
 * The sampler that the variables OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name; unless set, each request is sampled whose client does not say otherwise.
 * @throws RondoError RONDO_ARGUMENT_INVALID
 */
export function samplerOf(name = 'parentbased_always_on', argument = '1'): Sampler {
  const make = samplers[name]
  const ratio = Number(argument)
  if (make === undefined) throw invalid(`OTEL_TRACES_SAMPLER: expected one of ${Object.keys(samplers).join(', ')}, found ${JSON.stringify(name)}.`)
  if (argument.trim() === '' || !(ratio >= 0 && ratio <= 1)) {
    throw invalid(`OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, such as 0.01, found ${JSON.stringify(argument)}.`)
  }
  return make(ratio)
}

const invalid = (message: string): RondoError => new RondoError('RONDO_ARGUMENT_INVALID', message)
