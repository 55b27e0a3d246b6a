import { NestFactory } from '@nestjs/core'
import type { MicroserviceOptions } from '@nestjs/microservices'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { openKafkaLog } from '#event-log'
import { EventLogStrategy } from '../../chassis/src/event-log-strategy.ts'
import { httpAdapter } from '../../chassis/src/http-adapter.ts'
import { kafkaSettings, kafkaSettingsOf, listeningSettings } from '../../chassis/src/kafka-configuration.ts'
import { closeApp, listen, runApp } from '../../chassis/src/run-app.ts'
import { seldom } from '../../chassis/src/seldom.ts'
import { reactorModule } from './reactor.module.ts'

const settings = { ...kafkaSettings, ...listeningSettings(8082) }

await runApp(
  {
    purpose: 'Rondo reactor: follows the feed of transitions. So far it counts them. Start one.',
    settings,
    async start(configuration, { voice, onFailure }) {
      const log = await openKafkaLog(kafkaSettingsOf(configuration))
      const feeds = Array.from({ length: configuration.partitions }, (_, partition) => ({ feed: log.feed(partition), after: 0 }))
      const alarm = seldom((text) => voice.alarm(text))
      const strategy = new EventLogStrategy({ feeds, onTrouble: ({ message }) => alarm(message), onFailure })
      let isFollowing = false
      const module = reactorModule(() => (isFollowing ? undefined : 'The feed is not followed yet.'))
      const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(configuration.host), {
        logger: false,
        bodyParser: false,
        abortOnError: false,
      })
      app.connectMicroservice<MicroserviceOptions>({ strategy })
      const address = await listen(app, configuration, voice)
      await app.startAllMicroservices()
      isFollowing = true
      return { greeting: `Rondo reactor follows ${feeds.length} partitions; its probes are on ${address}.`, close: () => closeApp(app) }
    },
  },
  process.argv.slice(2),
)
