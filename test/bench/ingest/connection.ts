import { connect, type Socket } from 'node:net'

const LENGTH = /\r\ncontent-length: (\d+)/i
const HEAD_END = Buffer.from('\r\n\r\n')

/** One kept connection: a request at a time, with little work for the client, since it shares the machine with the server. */
export class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #answered: ((status: number) => void) | undefined
  #failed: ((failure: Error) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (failure) => this.#failed?.(failure))
    socket.on('close', () => this.#failed?.(new Error('The server closed the connection.')))
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const socket = connect(Number(port), hostname, resolve).once('error', reject)
    await promise
    return new Connection(socket)
  }

  /** Sends the bytes of a whole request. @returns the status of the answer, when all of it is there */
  send(request: Buffer): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#answered = resolve
    this.#failed = reject
    this.#socket.write(request)
    return promise
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf(HEAD_END)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    if (this.#received.length < end + HEAD_END.length + Number(LENGTH.exec(head)?.[1] ?? 0)) return
    this.#received = Buffer.alloc(0)
    this.#answered?.(Number(head.slice(9, 12)))
  }
}
