import { type Pairs, z } from '../core/schema.ts'

/** What a server keeps of its flavor, so that later changes of the flavor do not touch it. */
export const flavorCopy = z.object({
  id: z.string(),
  name: z.string(),
  /** MiB. */
  ram: z.int(),
  vcpus: z.int(),
  /** Root disk in GiB; 0 means the image's own size. */
  disk: z.int(),
  /** GiB. */
  ephemeral: z.int(),
  /** MiB. */
  swap: z.int(),
  extraSpecs: z.array(z.tuple([z.string(), z.string()])),
})
export type FlavorCopy = z.infer<typeof flavorCopy>

export const flavorRecord = flavorCopy.extend({
  generation: z.int(),
  isPublic: z.boolean(),
  description: z.string().nullable(),
  createdAt: z.string(),
})
export type Flavor = z.infer<typeof flavorRecord>

/** A flavor as callers see it: extra specs as an object. */
export const flavorView = flavorRecord
  .omit({ generation: true, extraSpecs: true })
  .extend({ extraSpecs: z.unknown().describe('extra specs as an object of text') })
export type FlavorView = z.infer<typeof flavorView>

export function viewOfFlavor({ generation: _, extraSpecs, ...rest }: Flavor): FlavorView {
  return { ...rest, extraSpecs: Object.fromEntries(extraSpecs) }
}

/** Nova's five defaults: id, name, MiB, vCPUs, GiB. */
export const defaultFlavors: readonly (readonly [string, string, number, number, number])[] = [
  ['1', 'm1.tiny', 512, 1, 0],
  ['2', 'm1.small', 2048, 1, 20],
  ['3', 'm1.medium', 4096, 2, 40],
  ['4', 'm1.large', 8192, 4, 80],
  ['5', 'm1.xlarge', 16384, 8, 160],
]

/** The value of an extra spec, or undefined. */
export const specOf = (specs: Pairs, key: string) => specs.find(([name]) => name === key)?.[1]
