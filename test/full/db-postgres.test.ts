/** `nova db …` over a database: what it says and does there is what it says and does over files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../src/state/json/migrations.ts'
import { sqlMigrations } from '../../src/state/postgres/migrations.ts'
import { aStateWithHosts, removeState } from '../support/a-daemon.ts'
import { nova, novaJson } from '../support/cli.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)

describe.skipIf(obstacle !== undefined)('nova db over PostgreSQL', () => {
  let postgres: Postgres
  let state: string
  let gone: string
  const options = () => ({ state, env: { NOVA_SET_DATABASE: postgres.url() } })
  const json = async (...words: string[]) => Object(await novaJson(words, options()))
  const run = (...words: string[]) => nova(words, options())
  const known = sqlMigrations.length + migrations.length
  const older = (schema: number) => {
    postgres.query(`UPDATE novakit.versions SET schema = ${schema} WHERE until IS NULL AND tbl = 'servers'`)
    postgres.query(`UPDATE novakit.head SET record_schema = ${schema}`)
  }

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
    state = await aStateWithHosts()
    expect(await run('db', 'sync')).toMatchObject({ code: 0 })
    expect(await run('host', 'add', 'h1', '--driver', 'fake')).toMatchObject({ code: 0 })
    for (const name of ['stays', 'goes']) expect(await run('boot', name, '--flavor', 'm1.tiny')).toMatchObject({ code: 0 })
    gone = (await json('show', 'goes')).id
    expect(await run('delete', 'goes', '--yes')).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await postgres?.close()
    removeState(state)
  })

  it('is whole, and in the newest form', async () => {
    const place = expect.stringContaining('postgres://127.0.0.1')
    expect(await json('db', 'version')).toEqual({ place, schema: known, known, pending: [] })
    expect(await json('db', 'check')).toMatchObject({ archived: 0, problems: [] })
    expect(await json('doctor', 'journal')).toMatchObject({ survives: [[1, expect.any(Number)]], problems: [] })
    expect(await run('db', 'compact')).toMatchObject({ code: 0 })
  })

  it('purges the history, and ends what a killed purge began', async () => {
    const old = '2025-01-01T00:00:00.000Z'
    const counted = (table: string, where: string) =>
      Number(postgres.query(`SELECT count(*) FROM novakit.${table} WHERE ${where}`))
    postgres.query(`UPDATE novakit.revisions SET at = '${old}', at_ms = ${Date.parse(old)} WHERE revision <= 4`)
    const before = await json('list', '--at', '4')
    expect(await json('db', 'purge-history', '--before', '2025-06-01', '--plan')).toMatchObject({ changed: false })
    // As a kill leaves it: the start is there, some of what is older still is.
    postgres.query(`INSERT INTO novakit.history_start (revision, at, purged_at) VALUES (4, '${old}', '${old}')`)
    for (const step of [
      'SELECT 1',
      'DELETE FROM novakit.revisions WHERE revision <= 2',
      'DELETE FROM novakit.revisions WHERE revision <= 4',
    ]) {
      postgres.query(step)
      expect(await json('db', 'check')).toMatchObject({ problems: [] })
      expect(await json('list', '--at', '4')).toEqual(before)
      expect(await run('list', '--at', '3')).toMatchObject({ code: 3, stderr: /before history begins: revisions before 4 / })
    }
    expect(counted('versions', 'until <= 4')).toBeGreaterThan(0)
    expect(await json('db', 'purge-history', '--before', '2025-06-01', '--yes')).toMatchObject({
      revisions: 0,
      start: { revision: 4 },
    })
    expect([counted('versions', 'until <= 4'), counted('revisions', 'revision <= 4')]).toEqual([0, 0])
    expect(await json('list', '--at', '4')).toEqual(before)
    expect(await json('doctor', 'journal')).toMatchObject({
      survives: [[5, expect.any(Number)]],
      start: { revision: 4 },
      problems: [],
    })
  })

  it('archives, restores and purges', async () => {
    expect(await json('db', 'archive', '--plan')).toMatchObject({ changed: false })
    expect(await json('db', 'archive')).toMatchObject({ servers: 1, busy: 0, isComplete: true })
    expect(await json('db', 'locate', gone)).toMatchObject({ where: 'archived' })
    expect(await json('db', 'check')).toMatchObject({ archived: 1, problems: [] })
    expect(await json('db', 'restore', '--server', gone)).toMatchObject({ name: 'goes' })
    expect(await json('db', 'locate', gone)).toMatchObject({ where: 'deleted' })
    expect(await json('db', 'archive')).toMatchObject({ servers: 1 })
    expect(await json('db', 'purge', '--all', '--yes')).toMatchObject({ servers: 1 })
    expect(await json('db', 'archived')).toEqual([])
    expect(await run('db', 'restore', '--server', gone)).toMatchObject({ code: 3 })
    expect(await json('db', 'check')).toMatchObject({ archived: 0, problems: [] })
  })

  it('takes the words of nova-manage', async () => {
    expect(await run('manage', 'db', 'sync')).toMatchObject({ code: 0 })
    expect(await run('manage', 'db', 'archive_deleted_rows', '--verbose')).toMatchObject({ code: 0 })
    expect(await run('manage', 'db', 'purge', '--all')).toMatchObject({ code: 3 })
    expect(await run('manage', 'db', 'online_data_migrations')).toMatchObject({ code: 0 })
  })

  it('raises the form, then brings records into it, some at a time, without a revision', async () => {
    older(migrations.length - 1)
    expect(await json('db', 'version')).toMatchObject({ pending: [migrations.at(-1)?.name] })
    expect(await json('db', 'migrate-online')).toMatchObject([{ found: 0, done: 0 }])
    const { revision } = await json('db', 'check')
    expect(await json('db', 'sync')).toMatchObject({ pending: [] })
    const { code, stdout } = await run('status', 'upgrade', 'check', '--json')
    expect(code).toBe(1)
    expect(stdout).toContain('1 record in an older form: run nova-manage db online_data_migrations')
    expect(await json('db', 'migrate-online', '--max-count', '1')).toMatchObject([{ found: 1, done: 1 }])
    expect(await json('db', 'migrate-online')).toMatchObject([{ found: 0, done: 0 }])
    expect(await json('db', 'check')).toMatchObject({ revision, problems: [] })
    expect(await json('show', 'stays')).toMatchObject({ status: 'ACTIVE' })
  })

  it('says what is missing', async () => {
    postgres.query('UPDATE novakit.head SET revision = revision + 1')
    postgres.query('DELETE FROM novakit.revisions WHERE revision IN (5, 7)')
    const { code, stdout } = await run('db', 'check', '--json')
    expect(code).not.toBe(0)
    const messages = JSON.parse(stdout).problems.map(({ message }: { readonly message: string }) => message)
    expect(messages).toEqual([
      expect.stringContaining('lacks what is between its 2 runs'),
      expect.stringContaining('lacks what follows revision 4, where history begins'),
      expect.stringContaining('(table head) says revision'),
      expect.stringMatching(/has \d+ versions? of a revision that is missing/),
    ])
  })
})
