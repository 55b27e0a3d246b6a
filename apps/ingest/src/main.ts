import { hostname } from 'node:os'
import { z } from 'zod'
import type { SourceDefinition } from '#contracts'
import { openKafkaLog } from '#event-log'
import { systemClock } from '#runtime'
import { duration } from '../../chassis/src/configuration.ts'
import { closeApp, listen, newApp } from '../../chassis/src/http-app.ts'
import { kafkaSettings, kafkaSettingsOf, listeningSettings } from '../../chassis/src/kafka-configuration.ts'
import { LogLookout } from '../../chassis/src/log-lookout.ts'
import { runApp } from '../../chassis/src/run-app.ts'
import { seldom } from '../../chassis/src/seldom.ts'
import { DistributedIngestModule } from './distributed-ingest.module.ts'
import { FoldWatch } from './fold-watch.ts'
import { partitionQueues } from './partition-queue.ts'
import { readSourceFile } from './sources/source-file.ts'
import { Sources } from './sources/sources.ts'

const settings = {
  ...kafkaSettings,
  ...listeningSettings(8080),
  name: z.string().min(1).max(200).prefault(`${hostname()}-${process.pid}`).describe('how people know this process'),
  catchUp: duration('0s', '1d').prefault('2m').describe('after an outage of the door, how long time stands still at most, for what clients have buffered'),
  sources: z.string().prefault('').describe('a file that names topics of others to be read, see docs/guides/sources.md; the same for all'),
  // A door signs once a second, and a leader that moves may keep it from that for some seconds.
  silence: duration('5s', '1d').prefault('15s').describe('how long an ingest process may be silent before others close it and time goes on; the same for all'),
}

await runApp(
  {
    purpose: 'Rondo ingest: events come in over HTTP and go into the log on Kafka. Start as many as you like.',
    settings,
    check: ({ sources = '' }) => void (sources === '' || readSourceFile(sources)),
    async start(configuration, { voice }) {
      const log = await openKafkaLog(kafkaSettingsOf(configuration))
      const [writer, refusals, registry] = [log.writer(), log.refusals(), log.writers()]
      const onAlarm = seldom((text) => voice.alarm(text))
      const queues = partitionQueues(writer, onAlarm)
      const watch = new FoldWatch(log.progress())
      const sources = sourcesFrom(configuration.sources)
      const lookout = new LogLookout({
        watch: log.watch(),
        topics: ['activity', 'quarantine', 'writers'],
        needs: () => [],
        onAlarm,
        onNews: (text) => voice.say(text),
      })
      const module = DistributedIngestModule.register({
        sources,
        lookout,
        queues,
        otherTicks: () => sources?.ticks() ?? [],
        folded: () => watch.look(),
        refusals,
        registry,
        clock: systemClock,
        name: configuration.name,
        catchUpMs: configuration.catchUp,
        silentMs: configuration.silence,
        onAlarm,
      })

      function sourcesFrom(file: string): Sources | undefined {
        if (file === '') return undefined
        const topicOf = ({ name, topic }: SourceDefinition) => log.source({ topic, name, trouble: ({ message }) => onAlarm(message) })
        const options = { queues, refusals, registry: log.writers(), clock: systemClock, onAlarm }
        return new Sources({ definitions: readSourceFile(file), topicOf, ...options })
      }

      const app = await newApp(module, configuration, voice)
      const address = await listen(app, configuration)
      lookout.start()
      return {
        greeting: `Rondo ingest listens on ${address}.`,
        async close() {
          await closeApp(app)
          await Promise.all([lookout.stop(), writer.close(), refusals.close(), registry.close(), watch.close()])
        },
      }
    },
  },
  process.argv.slice(2),
)
