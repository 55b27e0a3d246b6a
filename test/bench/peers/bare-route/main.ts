// A bare Fastify route that only parses the bodies which ingest gets: what the HTTP server and JSON cost in any case.
import { FastifyAdapter } from '@nestjs/platform-fastify'

const server = new FastifyAdapter().getInstance()
const answer = async (request: { body: unknown }) => ({ success: true, accepted: Object.keys(request.body as object).length })
server.post('/v1/batch', answer)
server.post('/v1/track', answer)
process.stdout.write(`listens on ${await server.listen({ port: 0, host: '127.0.0.1' })}\n`)
process.on('SIGTERM', () => process.exit(0))
