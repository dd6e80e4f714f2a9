import { describe, expect, it } from 'vitest'
import { exportComment, fieldComments, interfaceFields } from '../../../scripts/docs/source-comments.ts'

describe('comments of the sources', () => {
  it('are those right above an export', () => {
    expect(exportComment('src/model/flow.ts', 'FlowRecord')).toMatch(/^One long operation/)
    expect(exportComment('src/model/flow.ts', 'StepRecord')).toBe('')
  })

  it('belong to the field below them', () => {
    const comments = fieldComments('src/model/flow.ts')
    expect(comments.get('epoch')).toMatch(/^Grows with every owner/)
    expect(comments.has('createdAt')).toBe(false)
  })

  it('come with the fields of an interface in order', () => {
    const fields = interfaceFields('src/model/flow.ts', 'StepRecord')
    expect(fields.map(({ name }) => name).slice(0, 3)).toEqual(['name', 'status', 'startedAt'])
    expect(fields.find(({ name }) => name === 'commands')?.type).toBe('string[]')
  })
})
