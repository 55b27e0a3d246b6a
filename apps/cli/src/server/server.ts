import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type ErrorCode, errorCodes, RondoError } from '#contracts'
import { environmentVariable } from '#runtime'
import { invalidArgument } from '../failure.ts'
import { openDownload } from './open-download.ts'

/** The address of the standalone process, unless another is given. */
export const DEFAULT_URL = 'http://127.0.0.1:8080'
/** The time limit of a request. It is longer than the longest delay of an answer. */
const ANSWER_MS_MAX = 60_000

const OK = 200
/** The status with which a server says: not now, send it again. */
const OVERLOADED = 503
/** The environment variable of the key. There is no option for it, because all users of a machine can read the arguments of a process. */
const KEY_VARIABLE = 'RONDO_KEY'

/** The answer of a server, with its JSON. */
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly body: unknown
  readonly text: string
  readonly headers: Headers
}

/** An answer of any length. */
export interface Download {
  /** @throws RondoError RONDO_SERVER_UNREACHABLE (retriable) if it breaks off */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How long it will be, if the server says so. */
  readonly bytes: number | undefined
}

/** What a request asks with; by default it is a GET without a body. `type` is that of the body. */
interface AskedFor {
  readonly method?: string
  readonly body?: string
  readonly type?: string
  readonly accept?: string
  /** Aborted when the answer has taken too long; without it, it may take as long as it does. */
  readonly limit?: AbortSignal
}

const problemSchema = z.looseObject({ code: z.string(), detail: z.string() })

/** Reasons for the name or the code of an error, or of its cause. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no process listens there',
  ECONNRESET: 'the connection broke off',
  ECONNABORTED: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host is not found',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  HTTPParserError: 'the server there does not speak HTTP',
  TimeoutError: 'it takes too long',
  ETIMEDOUT: 'it takes too long',
  UND_ERR_CONNECT_TIMEOUT: 'it takes too long',
  UND_ERR_SOCKET: 'the connection broke off',
  UND_ERR_HEADERS_TIMEOUT: 'it takes too long',
  UND_ERR_BODY_TIMEOUT: 'it takes too long',
}

/** A client of a running Rondo, over HTTP. */
export class Server {
  readonly url: string
  readonly #stop: AbortSignal
  #hasAnswered = false

  /** @throws RondoError RONDO_ARGUMENT_INVALID if the URL is invalid */
  constructor(url: string, stop: AbortSignal) {
    if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw invalidArgument(`--url: expected an address such as ${DEFAULT_URL}, found ${url}.`)
    this.url = url.replace(/\/+$/, '')
    this.#stop = stop
  }

  /**
   * The answer of a path.
   * @throws RondoError RONDO_SERVER_UNREACHABLE if no Rondo answers; the server's own code if it refuses
   */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#answer(path, await this.#fetch(path), schema)
  }

  /** The JSON of an answer, whatever its status. @throws RondoError RONDO_SERVER_UNREACHABLE if no server answers */
  async probe(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    return await this.#fetch(path)
  }

  /**
   * The answer to a body.
   * @throws RondoError as {@link get}; retriable also if the server is overloaded
   */
  async post<Schema extends z.ZodType>(path: string, { body, type }: { body: string; type: string }, schema: Schema): Promise<z.output<Schema>> {
    return this.#answer(path, await this.#fetch(path, { method: 'POST', body, type }), schema)
  }

  /** The lines of a path as text, with the headers that say how to continue. @throws RondoError as {@link get} */
  async lines(path: string): Promise<{ text: string; headers: Headers }> {
    const { ok, status, body, text, headers } = await this.#fetch(path, { accept: 'application/x-ndjson' })
    if (!ok) throw this.#refusal(status, body)
    return { text, headers }
  }

  /** The answer to a body that replaces something. @throws RondoError as {@link get} */
  async put<Schema extends z.ZodType>(path: string, { body, type }: { body: string; type: string }, schema: Schema): Promise<z.output<Schema>> {
    return this.#answer(path, await this.#fetch(path, { method: 'PUT', body, type }), schema)
  }

  /** The answer to a deletion. @throws RondoError as {@link get} */
  async delete<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#answer(path, await this.#fetch(path, { method: 'DELETE' }), schema)
  }

  #answer<Schema extends z.ZodType>(path: string, { ok, status, body }: Answer, schema: Schema): z.output<Schema> {
    if (!ok) throw this.#refusal(status, body)
    const answer = schema.safeParse(body)
    if (answer.success) return answer.data
    throw this.#foreign(`${path} answered something else`)
  }

  /** The answer of a path, which may be too large for the memory and take long. @throws RondoError as {@link get} */
  async download(path: string): Promise<Download> {
    const answer = await this.#reading(() => openDownload(`${this.url}${path}`, this.#headers('*/*'), this.#stop))
    const { statusCode = 0, headers } = answer
    const chunks = this.#chunks(answer)
    if (statusCode !== OK) throw this.#refusal(statusCode, parse(await text(chunks)))
    const length = headers['content-length']
    return { chunks, bytes: length === undefined ? undefined : Number(length) }
  }

  async *#chunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await this.#reading(() => reader.next())
      if (done === true) return
      yield value
    }
  }

  async #fetch(path: string, asked: AskedFor = {}): Promise<Answer> {
    const response = await this.#request(path, { ...asked, limit: AbortSignal.timeout(ANSWER_MS_MAX) })
    const text = await this.#reading(() => response.text())
    this.#hasAnswered = true
    return { ok: response.ok, status: response.status, body: parse(text), text, headers: response.headers }
  }

  #request(path: string, { method = 'GET', body, type, accept = 'application/json', limit }: AskedFor): Promise<Response> {
    const signal = limit === undefined ? this.#stop : AbortSignal.any([this.#stop, limit])
    const headers = { ...this.#headers(accept), ...(type === undefined ? {} : { 'content-type': type }) }
    return this.#reading(() => fetch(`${this.url}${path}`, { method, body: body ?? null, headers, signal }))
  }

  #headers(accept: string): Record<string, string> {
    const key = environmentVariable(KEY_VARIABLE)
    return { accept, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
  }

  /** @throws RondoError RONDO_SERVER_UNREACHABLE if the server does not answer, or the answer breaks off */
  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      this.#stop.throwIfAborted()
      const sentence = this.#hasAnswered
        ? `The server at ${this.url} does not answer any more: ${reasonOf(error)}. If it has ended, start it again.`
        : `No server answers at ${this.url}: ${reasonOf(error)}. Start it with rondo start, or give another address with --url.`
      throw new RondoError('RONDO_SERVER_UNREACHABLE', sentence, { cause: error, retriable: true })
    }
  }

  #refusal(status: number, body: unknown): RondoError {
    const problem = problemSchema.safeParse(body)
    if (!problem.success) return this.#foreign(`it answered ${status} without a reason`)
    const { code } = problem.data
    const detail = code === 'RONDO_KEY_MISSING' ? `${this.url} asks for a key. Set ${KEY_VARIABLE} in the environment to one.` : problem.data.detail
    return new RondoError(errorCodes.includes(code as ErrorCode) ? (code as ErrorCode) : 'RONDO_INTERNAL', detail, { retriable: status === OVERLOADED })
  }

  #foreign(what: string): RondoError {
    return new RondoError('RONDO_SERVER_UNREACHABLE', `The server at ${this.url} is not a Rondo: ${what}. Give the address of a Rondo with --url.`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  // That of fetch has its code in its cause, that of node:http in itself.
  const { name, message, cause } = error as Error & { cause?: { code?: string; name?: string; message?: string } }
  const { code = '', name: causeName = '', message: causeMessage = message } = cause ?? (error as NodeJS.ErrnoException)
  if (code.startsWith('ERR_SSL')) return 'the server there does not speak HTTPS'
  return reasons[name] ?? reasons[causeName] ?? reasons[code] ?? causeMessage
}
