import { Counter, Histogram, type Registry } from 'prom-client'
import type { Fastify } from '../http-adapter.ts'

/** In seconds: most requests take milliseconds; one that waits for the log, or for the feed, takes some seconds. Few, because each route has its own. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10]
const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx']
/** Stands for a path or a method that the app does not have, so that clients cannot make new series. */
const OTHER = { method: 'other', route: 'other' }

/** Measures the requests of an app, by route: each path that has variable parts is one route. */
export class HttpMetrics {
  readonly #durations: Histogram<'method' | 'route'>
  readonly #responses: Counter<'method' | 'route' | 'status'>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#durations = new Histogram({
      name: 'rondo_http_request_duration_seconds',
      help: 'Time from the head of a request until its answer was sent, by route; questions that wait for new transitions are among them',
      labelNames: ['method', 'route'],
      buckets: BUCKETS,
      registers,
    })
    this.#responses = new Counter({
      name: 'rondo_http_responses_total',
      help: 'Answers to requests, by route and class of the status',
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#begin(OTHER)
  }

  /** Measures the requests of a server, to be called before its routes are added. */
  watch(server: Fastify): void {
    server.addHook('onRoute', ({ method, url: route }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') this.#begin({ method: one, route })
    })
    server.addHook('onResponse', async ({ method, routeOptions: { url: route } }, { statusCode, elapsedTime }) => {
      const labels = route === undefined ? OTHER : { method: method === 'HEAD' ? 'GET' : method, route }
      this.#durations.observe(labels, elapsedTime / 1000)
      this.#responses.inc({ ...labels, status: `${Math.floor(statusCode / 100)}xx` })
    })
  }

  /** The series of a route exist before its first request. */
  #begin(labels: typeof OTHER): void {
    this.#durations.zero(labels)
    for (const status of STATUS_CLASSES) this.#responses.inc({ ...labels, status }, 0)
  }
}
