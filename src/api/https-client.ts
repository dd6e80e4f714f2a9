/** Calls over HTTPS: each one a POST whose answer is a stream of lines, progress first. */
import { Agent, request } from 'node:https'
import { Fault } from '../core/fault.ts'
import { faultOf, rpcClient } from './client.ts'
import type { OpenClient } from './socket-client.ts'

export interface HttpsClientOptions {
  /** `https://host:port`, with or without a path. */
  readonly url: URL
  readonly token: string
  /** PEM text of an authority beside those of the system. */
  readonly authority?: string | undefined
}

/** A client; nothing is connected before the first call. */
export function openHttpsClient({ url, token, authority }: HttpsClientOptions): OpenClient {
  const agent = new Agent({ keepAlive: true, minVersion: 'TLSv1.2', ...(authority === undefined ? {} : { ca: authority }) })
  const target = url.pathname === '/' ? new URL('/rpc', url) : url

  return {
    call(method, params, progress) {
      return new Promise((resolve, reject) => {
        // A client a call: an answer without an id then belongs to this call.
        const client = rpcClient((line) => void post(line))
        const failed = (error: Error) => client.fail(unreachable(url, error))
        const post = (line: string) => {
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/x-ndjson' }
          const sent = request(target, { method: 'POST', agent, headers }, (response) => {
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (chunk: string) => {
              text += chunk
              const lines = text.split('\n')
              text = lines.pop() ?? ''
              for (const each of lines) if (each !== '') client.take(each)
            })
            response.on('error', failed)
            response.once('end', () => {
              if (text !== '') takeLast(text, response.statusCode ?? 0)
              client.fail(new Fault('unreachable', `${url.host} ended the answer before it was complete`))
            })
          })
          sent.on('error', failed)
          sent.end(line)
        }
        const takeLast = (text: string, status: number) => {
          try {
            client.take(text)
          } catch {
            client.fail(faultOf({ message: `${url.host} answered with status ${status} and no JSON` }))
          }
        }
        client.call(method, params, progress).then(resolve, reject)
      })
    },
    close: () => agent.destroy(),
  }
}

function unreachable(url: URL, error: Error): Fault {
  const code = 'code' in error ? String(error.code) : ''
  const isTrust = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)
  return new Fault('unreachable', `${url.host} cannot be reached: ${error.message}`, {
    ...(isTrust ? { hint: 'name the file of its authority in NOVA_CA_FILE' } : {}),
    cause: error,
  })
}
