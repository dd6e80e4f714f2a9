/** Health and metrics over plain HTTP, for supervisors and Prometheus on this machine; nothing can be changed here. */
import { fastify } from 'fastify'
import { addressOf } from './https-door.ts'
import { limits } from './limits.ts'

export interface MetricsDoorOptions {
  /** ADDRESS:PORT. */
  readonly listen: string
  /** Whether records can be read. */
  health(): Promise<{ readonly ok: boolean }>
  /** The metrics as text. */
  metrics(): Promise<string>
}

export interface MetricsDoor {
  close(): Promise<void>
}

/** `/healthz` says that the process answers, `/readyz` that it takes calls (503 when it does not). */
export async function openMetricsDoor({ listen, health, metrics }: MetricsDoorOptions): Promise<MetricsDoor> {
  const app = fastify({ bodyLimit: 1024, requestTimeout: limits.stallMs, logger: false, forceCloseConnections: true })
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const found = await health().catch(() => ({ ok: false }))
    return reply.code(found.ok ? 200 : 503).send(found)
  })
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await metrics()))
  const { host, port } = addressOf(listen)
  await app.listen({ host, port })
  return { close: () => app.close() }
}
