import type { MicroserviceOptions } from '@nestjs/microservices'
import { openKafkaLog } from '#event-log'
import { EventLogStrategy } from '../../chassis/src/event-log-strategy.ts'
import { closeApp, listen, newApp } from '../../chassis/src/http-app.ts'
import { kafkaSettings, kafkaSettingsOf, listeningSettings } from '../../chassis/src/kafka-configuration.ts'
import { runApp } from '../../chassis/src/run-app.ts'
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
      const app = await newApp(module, configuration, voice)
      app.connectMicroservice<MicroserviceOptions>({ strategy })
      const address = await listen(app, configuration)
      await app.startAllMicroservices()
      isFollowing = true
      return { greeting: `Rondo reactor follows ${feeds.length} partitions; its probes are on ${address}.`, close: () => closeApp(app) }
    },
  },
  process.argv.slice(2),
)
