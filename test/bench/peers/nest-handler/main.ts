// A NestJS Kafka handler, one message at a time, with its state in Redis: `node main.js BROKER GROUP REDIS_URL [COMMIT_EVERY]`. Without the
// last, offsets are committed as kafkajs does by itself, after each batch that it has fetched.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClientsModule, type MicroserviceOptions, Transport } from '@nestjs/microservices'
import { Redis } from 'ioredis'
import { KAFKA, PresenceController, REDIS } from './presence.controller.ts'

const [broker = '', groupId = '', redisUrl = '', commitEvery] = process.argv.slice(2)
const run = commitEvery === undefined ? {} : { autoCommitThreshold: Number(commitEvery) }
const client = { clientId: 'handler', brokers: [broker] }

@Module({
  imports: [ClientsModule.register([{ name: KAFKA, transport: Transport.KAFKA, options: { client, producerOnlyMode: true } }])],
  providers: [{ provide: REDIS, useFactory: () => new Redis(redisUrl) }],
  controllers: [PresenceController],
})
class AppModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.KAFKA,
  options: { client, consumer: { groupId }, postfixId: '', subscribe: { fromBeginning: true }, run },
  logger: ['error', 'warn'],
})
process.once('SIGTERM', () => {
  void app.close().then(() => process.exit(0))
})
await app.listen()
