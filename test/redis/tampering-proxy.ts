import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server of this machine on which an answer can be lost with its connection, or be held up. */
export class TamperingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #tamper: ((client: Socket, answer: Buffer) => void) | undefined
  cuts = 0

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')))
  }

  static async to(port: number): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(port)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next answer is lost, and its connection with it. */
  cutNextAnswer(): void {
    this.#tamper = (client) => {
      this.cuts += 1
      client.destroy()
    }
  }

  /** Resolves when the next answer is on its way, with what lets it arrive. */
  holdNextAnswer(): Promise<() => void> {
    return new Promise((resolve) => {
      this.#tamper = (client, answer) => resolve(() => client.write(answer))
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      const tamper = this.#tamper
      this.#tamper = undefined
      if (tamper === undefined) client.write(bytes)
      else tamper(client, bytes)
    })
  }
}
