import { z } from 'zod'
import { Server } from '../server/server.ts'
import { createdSchema, type KeyAdministration, keySchema } from './key-administration.ts'

const JSON_TYPE = 'application/json'

/** Administers keys over HTTP. @throws RondoError RONDO_ARGUMENT_INVALID if the URL is invalid */
export function serverKeys(url: string, stop: AbortSignal): KeyAdministration {
  const server = new Server(url, stop)
  return {
    create: (request) => server.post('/v1/keys', { body: JSON.stringify(request), type: JSON_TYPE }, createdSchema),
    list: async () => (await server.get('/v1/keys', z.looseObject({ items: z.array(keySchema) }))).items,
    rotate(id, overlap) {
      const path = `/v1/keys/${encodeURIComponent(id)}/rotate?overlap=${encodeURIComponent(overlap)}`
      return server.post(path, { body: '', type: JSON_TYPE }, createdSchema)
    },
    revoke: (id) => server.delete(`/v1/keys/${encodeURIComponent(id)}`, keySchema),
    async close() {},
  }
}
