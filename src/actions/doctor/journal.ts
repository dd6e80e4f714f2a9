import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const journal = defineAction({
  name: 'doctor.journal',
  summary: 'check every line and every snapshot of the state, and say which revisions survive',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.strictObject({
    segments: z.int(),
    survives: z.array(z.tuple([z.int(), z.int()])).describe('runs of whole revisions, first and last'),
    snapshotRevision: z.int().nullable().describe('null when the snapshot is damaged'),
    tornBytes: z.int().describe('bytes of an unfinished transaction at the end; the next writer cuts them'),
    start: z
      .strictObject({ revision: z.int(), at: z.string(), purgedAt: z.string() })
      .nullable()
      .describe('where history begins once older revisions were purged'),
    problems: z.array(z.strictObject({ file: z.string(), message: z.string() })),
  }),
  async run(_, context) {
    const { segments, survives, snapshotRevision, tornBytes, problems, start } = await context.verifyJournal()
    return {
      segments,
      survives: survives.map(([first, last]) => [first, last] as [number, number]),
      snapshotRevision: snapshotRevision ?? null,
      tornBytes,
      start: start ?? null,
      problems: [...problems],
    }
  },
})
