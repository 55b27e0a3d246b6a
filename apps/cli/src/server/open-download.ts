import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'

/**
 * The answer to a GET, to be read as slowly as it can be written. `fetch` of Node 24 ends the process by an assertion if the server closes the connection
 * behind an answer while its reader is slow.
 */
export async function openDownload(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? secureRequest : request
  const sent = open(url, { headers, signal })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  // The failure of the request is that of the answer from now on, whose reader gets it.
  sent.on('error', () => undefined)
  return answer
}
