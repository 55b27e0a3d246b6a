import { z } from 'zod'
import { duration, integer } from './configuration.ts'

/** The address on which an app listens. */
export const listeningSettings = (port: number) => ({
  host: z.string().prefault('127.0.0.1').describe('the address to listen on; 0.0.0.0 for all'),
  port: integer(0, 65_535).prefault(String(port)).describe('the port to listen on; 0 for any that is free'),
})

/** How long log time may stand still before the app reports it: where nothing is due, ticks come every 15 s. */
export const stallSetting = {
  stall: duration('20s', '1d')
    .prefault('60s')
    .describe('how long the log time of a partition may stand still before this process is not ready and says why; ticks are up to 15 s apart'),
}

/** For apps that clients send to. */
export const catchUpSetting = {
  catchUp: duration('0s', '1d').prefault('2m').describe('after an outage of ingest, how long time stands still at most, for what clients have buffered'),
}
