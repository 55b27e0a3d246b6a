import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { z } from 'zod'
import { openKafkaLog } from '#event-log'
import { openRedisProjections } from '#projections'
import { systemClock } from '#runtime'
import { integer, yesOrNo } from '../../chassis/src/configuration.ts'
import { httpAdapter } from '../../chassis/src/http-adapter.ts'
import { kafkaSettings, kafkaSettingsOf, listeningSettings } from '../../chassis/src/kafka-configuration.ts'
import { readLiveDefinition } from '../../chassis/src/live-definition.ts'
import { ageGauge, appMetrics } from '../../chassis/src/metrics.module.ts'
import { closeApp, listen, runApp } from '../../chassis/src/run-app.ts'
import { seldom } from '../../chassis/src/seldom.ts'
import { clusterSources } from './cluster-sources.ts'
import { distributedServingModule } from './distributed-serving.module.ts'
import { Projections } from './projections.ts'

const REDIS_URL = /^rediss?:\/\/\S+$/

const settings = {
  ...kafkaSettings,
  ...listeningSettings(8083),
  definition: z.string().min(1).describe('the file of the cycle that the processors walk everyone through'),
  redis: z.string().regex(REDIS_URL, { error: 'expected redis://host:port, or rediss:// with TLS' }).describe('where the read models lie, redis://host:port'),
  redisCluster: yesOrNo().prefault('no').describe('yes: the address is that of a Redis Cluster; of several nodes with commas between them'),
  redisPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_:-]{1,100}$/, { error: 'expected letters, digits, dashes, underscores and colons' })
    .prefault('rondo')
    .describe('begins every key in Redis; one for each deployment'),
  generation: integer(1, 1_000_000)
    .prefault('1')
    .describe('which run of the definition over the log this is, part of the id of every output; the next one after a repartition'),
  shortGrace: yesOrNo().prefault('no').describe('yes: take a definition whose grace is below 5m'),
}

await runApp(
  {
    purpose:
      'Rondo serving: stage counts, histories and the feed over HTTP, from read models in Redis that it brings up to the feed itself. Start as many as are asked.',
    settings,
    check: (configuration) => void readLiveDefinition(configuration.definition, configuration),
    async start(configuration, { voice, onFailure }) {
      const { definition, cycle } = readLiveDefinition(configuration.definition, configuration)
      const { partitions, prefix, redis: url, redisCluster, redisPrefix } = configuration
      const log = await openKafkaLog(
        kafkaSettingsOf(configuration, { cycle: cycle.cycle, definition: cycle.fingerprint, generation: String(configuration.generation) }),
      )
      const alarm = seldom((text) => voice.alarm(text))
      const onTrouble = ({ message }: { message: string }): void => alarm(message)
      const redis = openRedisProjections({ url, cluster: redisCluster, prefix: redisPrefix, onTrouble })
      const progress = log.progress()
      const feeds = Array.from({ length: partitions }, (_, partition) => log.feed(partition))
      const generation = [cycle.fingerprint, prefix, partitions, configuration.generation].join('-').replaceAll(/[^A-Za-z0-9_-]/g, '_')
      const projections = new Projections({ redis, feeds, progress, generation, onTrouble, onFailure })
      const metrics = appMetrics()
      const help = 'How far the read models are behind: time since the log time that they were brought up to'
      ageGauge(metrics, { name: 'rondo_read_models_age_seconds', help, clock: systemClock, instants: () => projections.logTimes.entries() })
      const readiness = (): string | undefined => (projections.isShown ? undefined : 'The read models are being brought up to the feed.')
      const sources = clusterSources(log, partitions, redis.readModels)
      const module = distributedServingModule({ sources, definition, clock: systemClock }, readiness, metrics)
      const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(configuration.host), {
        logger: false,
        bodyParser: false,
        abortOnError: false,
      })
      const address = await listen(app, configuration, voice)
      projections.start()
      const close = async (): Promise<void> => {
        await closeApp(app)
        await projections.stop()
        await Promise.all([progress.close(), ...feeds.map((feed) => feed.close())])
        redis.close()
      }
      return { greeting: `Rondo serving answers on ${address}, for the cycle ${cycle.cycle}.`, close }
    },
  },
  process.argv.slice(2),
)
