import { NestFactory } from '@nestjs/core'
import type { MicroserviceOptions } from '@nestjs/microservices'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { z } from 'zod'
import { openKafkaLog } from '#event-log'
import { systemClock } from '#runtime'
import { integer, yesOrNo } from '../../chassis/src/configuration.ts'
import { EventLogStrategy } from '../../chassis/src/event-log-strategy.ts'
import { httpAdapter } from '../../chassis/src/http-adapter.ts'
import { kafkaSettings, kafkaSettingsOf, listeningSettings } from '../../chassis/src/kafka-configuration.ts'
import { readLiveDefinition } from '../../chassis/src/live-definition.ts'
import { appMetrics } from '../../chassis/src/metrics.module.ts'
import { closeApp, listen, runApp } from '../../chassis/src/run-app.ts'
import { seldom } from '../../chassis/src/seldom.ts'
import { distributedProcessorModule } from './distributed-processor.module.ts'
import { FoldMetrics } from './fold-metrics.ts'
import { Folds } from './folds.ts'

const settings = {
  ...kafkaSettings,
  ...listeningSettings(8081),
  definition: z.string().min(1).describe('the file of the cycle to walk everyone through'),
  generation: integer(1, 1_000_000)
    .prefault('1')
    .describe('which run of the definition over the log this is, part of the id of every output; the next one after a repartition'),
  shortGrace: yesOrNo().prefault('no').describe('yes: take a definition whose grace is below 5m'),
  checkpointRound: integer(256, 1_000_000_000)
    .prefault('1000000')
    .describe('entries of a partition in which the state of every actor is written once: about the most that a restore folds again'),
}

await runApp(
  {
    purpose: 'Rondo processor: events in the log become transitions in the log, exactly once. Start up to one a partition.',
    settings,
    check: (configuration) => void readLiveDefinition(configuration.definition, configuration),
    async start(configuration, { voice, onFailure }) {
      const { cycle } = readLiveDefinition(configuration.definition, configuration)
      const identity = { cycle: cycle.cycle, definition: cycle.fingerprint, generation: String(configuration.generation) }
      const log = await openKafkaLog(kafkaSettingsOf(configuration, identity))
      const metrics = appMetrics()
      const alarm = seldom((text) => voice.alarm(text))
      const folds = new Folds(cycle, {
        generation: configuration.generation,
        checkpointRound: configuration.checkpointRound,
        metrics: new FoldMetrics(metrics, systemClock),
        onAlarm: alarm,
      })
      const reader = log.reader(({ message }) => alarm(message))
      const strategy = new EventLogStrategy({ reader, onTrouble: ({ message }) => alarm(message), onFailure })
      let isInGroup = false
      const readiness = (): string | undefined => {
        if (!isInGroup) return 'The group has not been joined yet.'
        const missing = [...reader.awaited, ...folds.restoring]
        return missing.length === 0 ? undefined : `The state of these partitions is being restored: ${missing.join(', ')}.`
      }
      const module = distributedProcessorModule(folds, readiness, metrics)
      const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(configuration.host), {
        logger: false,
        bodyParser: false,
        abortOnError: false,
      })
      app.connectMicroservice<MicroserviceOptions>({ strategy })
      // The probes answer while the partitions are being taken over.
      const address = await listen(app, configuration, voice)
      await app.startAllMicroservices()
      isInGroup = true
      return { greeting: `Rondo processor walks the cycle ${cycle.cycle}; its probes are on ${address}.`, close: () => closeApp(app) }
    },
  },
  process.argv.slice(2),
)
