import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { z } from 'zod'
import { RondoError } from '#contracts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

const text = z.string()
/** A file of the page, of any of its types. */
export const pageFile = { 'text/html': text, 'text/css': text, 'text/javascript': text, 'image/svg+xml': text, 'text/plain': text }

/** A file of the page, with its type and the tag by which browsers recognize it. */
interface PageFile {
  readonly type: string
  readonly tag: string
  readonly content: Buffer
}

/** The parts of Fastify's request and reply that are used here. */
interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
/** The parts of Fastify's reply that are used here. */
interface Reply {
  header(name: string, value: string): unknown
  status(code: number): unknown
}

/** The files of the page, held in memory: no request leads to the disk, and no other file can be read. */
export class PageFiles {
  readonly #files: ReadonlyMap<string, PageFile>

  constructor(folder = join(import.meta.dirname, 'files')) {
    this.#files = new Map(
      readdirSync(folder).flatMap((name) => {
        const type = types[extname(name)]
        if (type === undefined) return []
        const content = readFileSync(join(folder, name))
        return [[name, { type, content, tag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"` }] as const]
      }),
    )
  }

  /** The browser asks each time, and gets only what has changed. */
  answer(name: string, request: Request, reply: Reply): Buffer | undefined {
    const file = this.#files.get(name)
    if (file === undefined) throw new RondoError('RONDO_NOT_FOUND', `There is no file ${name} of the page.`)
    reply.header('content-type', file.type)
    reply.header('etag', file.tag)
    reply.header('cache-control', 'no-cache')
    if (request.headers['if-none-match'] !== file.tag) return file.content
    reply.status(304)
    return undefined
  }
}
