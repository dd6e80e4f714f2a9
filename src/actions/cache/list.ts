import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { cachesOf } from './survey-hosts.ts'

export const list = defineAction({
  name: 'cache.list',
  summary: 'list the images in the caches of hosts, and the guests that are based on them',
  effect: 'read',
  policy: 'admin',
  input: object({ hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all when left out') }),
  output: z.array(
    z.object({
      host: z.string(),
      digest: z.string().describe('SHA-256, its name in the cache'),
      image: z.string().nullable().describe('name of the image; null when no record knows it'),
      bytes: z.number(),
      users: z.array(z.string()).describe('names of the servers that need it; ids of guests that no record knows'),
      lastUsedAt: z.string(),
    }),
  ),
  async run({ hosts }, context) {
    const caches = await cachesOf(hosts, context)
    const names = new Map((await context.store.read((reader) => reader.list('servers'))).map(({ id, name }) => [id, name]))
    const nameOf = (directory: string) => names.get(directory) ?? directory
    return caches.flatMap(({ cached }) =>
      cached.map(({ unusedSeconds: _, users, ...rest }) => ({ ...rest, users: users.map(nameOf) })),
    )
  },
})
