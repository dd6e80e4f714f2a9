/**
 * The tables, as numbered changes, forward only. A change goes to the end of the list and never changes afterwards.
 * `versions` holds every version of every record: `revision` is when it began, `until` when the next one did (null: in
 * force). So one table answers now, then, and what happened in between.
 */
export interface SqlMigration {
  readonly name: string
  readonly sql: string
}

const tables = `
CREATE TABLE head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  store uuid NOT NULL,
  revision bigint NOT NULL,
  at text NOT NULL,
  record_schema integer NOT NULL,
  shapes text NOT NULL,
  moving_from text,
  moved_to text
) WITH (fillfactor = 25);
COMMENT ON TABLE head IS 'one row: the newest revision; writers lock it';
CREATE TABLE revisions (
  revision bigint PRIMARY KEY,
  at text NOT NULL,
  at_ms bigint NOT NULL,
  actor text NOT NULL,
  request text NOT NULL,
  action text NOT NULL,
  token uuid NOT NULL
);
COMMENT ON COLUMN revisions.token IS 'of the batch that committed it, to learn the outcome after a lost connection';
CREATE INDEX revisions_at ON revisions (at_ms, revision);
CREATE TABLE versions (
  revision bigint NOT NULL,
  ordinal integer NOT NULL,
  tbl text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  generation bigint NOT NULL,
  schema integer NOT NULL,
  is_new boolean NOT NULL,
  until bigint,
  keys jsonb,
  record json,
  PRIMARY KEY (revision, ordinal)
);
COMMENT ON COLUMN versions.until IS 'revision that replaced it; null is in force';
COMMENT ON COLUMN versions.seq IS 'place in the order of creation';
COMMENT ON COLUMN versions.record IS 'the JSON text as it was written; null is removed';
CREATE UNIQUE INDEX versions_current ON versions (tbl, id) WHERE until IS NULL;
CREATE INDEX versions_order ON versions ((tbl || ''), seq) WHERE until IS NULL;
COMMENT ON INDEX versions_order IS 'not over tbl itself, so that nobody takes it to find one record';
CREATE INDEX versions_record ON versions (tbl, id, revision, ordinal);
CREATE INDEX versions_past ON versions (tbl, until) WHERE until IS NOT NULL;
CREATE TABLE vault (
  server_id text NOT NULL,
  name text NOT NULL,
  content bytea NOT NULL,
  put_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (server_id, name)
);`

/**
 * Writes a batch of revisions. The row of \`head\`, the generations and the unique indexes each refuse on their own what
 * another writer did in between, whatever the isolation level.
 */
const commitBatch = `
CREATE FUNCTION commit_batch(
  base bigint, batch uuid, revision_ bigint[], at_ text[], at_ms_ bigint[], actor_ text[], request_ text[], action_ text[],
  old_tbl text[], old_id text[], old_generation bigint[], old_until bigint[],
  v_revision bigint[], v_ordinal integer[], v_tbl text[], v_id text[], v_seq bigint[], v_old integer[], v_generation bigint[],
  v_new boolean[], v_until bigint[], v_keys text[], v_record text[], schema_ integer
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  places bigint[];
  newest bigint := revision_[array_length(revision_, 1)];
BEGIN
  UPDATE head SET revision = newest, at = at_[array_length(at_, 1)] WHERE one AND revision = base AND moved_to IS NULL;
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched <> 1 THEN RAISE EXCEPTION 'the newest revision is not % any more', base; END IF;
  INSERT INTO revisions (revision, at, at_ms, actor, request, action, token)
    SELECT r, a, m, ac, rq, an, batch FROM unnest(revision_, at_, at_ms_, actor_, request_, action_) AS u (r, a, m, ac, rq, an);
  WITH closed AS (
    UPDATE versions v SET until = o.u FROM unnest(old_tbl, old_id, old_generation, old_until) WITH ORDINALITY AS o (t, i, g, u, n)
    WHERE v.tbl = o.t AND v.id = o.i AND v.until IS NULL AND v.generation = o.g RETURNING o.n, v.seq
  ) SELECT count(*), array_agg(seq ORDER BY n) INTO touched, places FROM closed;
  IF touched <> coalesce(array_length(old_id, 1), 0) THEN
    RAISE EXCEPTION '% of % records are not at the generation that was changed', coalesce(array_length(old_id, 1), 0) - touched,
      array_length(old_id, 1);
  END IF;
  INSERT INTO versions (revision, ordinal, tbl, id, seq, generation, schema, is_new, until, keys, record)
    SELECT r, o, t, i, coalesce(s, places[p]), g, schema_, n, u, k::jsonb, d::json
    FROM unnest(v_revision, v_ordinal, v_tbl, v_id, v_seq, v_old, v_generation, v_new, v_until, v_keys, v_record)
      AS x (r, o, t, i, s, p, g, n, u, k, d);
  PERFORM pg_notify(current_schema(), newest::text);
END $$;`

/** Trees of deleted servers; `place` is the order in which they came. */
const archive = `
CREATE TABLE archive (
  server_id text COLLATE "C" PRIMARY KEY,
  place bigserial UNIQUE,
  name text NOT NULL,
  project_id text NOT NULL,
  deleted_at text COLLATE "C" NOT NULL,
  archived_at text NOT NULL,
  counts json NOT NULL,
  schema integer NOT NULL,
  unsettled boolean NOT NULL DEFAULT true,
  records json NOT NULL
);
COMMENT ON COLUMN archive.unsettled IS 'may still, or again, be among the records';
CREATE INDEX archive_unsettled ON archive (place) WHERE unsettled;
CREATE INDEX archive_deleted ON archive (deleted_at);`

/** One row once history was purged: versions that were in force at that revision stay, what ended before it goes. */
const historyStart = `
CREATE TABLE history_start (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint NOT NULL,
  at text NOT NULL,
  purged_at text NOT NULL
);
COMMENT ON COLUMN history_start.revision IS 'the oldest revision that can be read';`

/**
 * What leaves no revision, written over every few seconds: room for that on each page. A lease goes on under the lock of writers, so that
 * nobody takes it in the same moment; each statement of such a function sees what was committed before it.
 */
const beats = `
CREATE TABLE beats (
  tbl text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  owner text NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (tbl, id)
) WITH (fillfactor = 25);
COMMENT ON TABLE beats IS 'the last reports of services, and the ends of leases that were lengthened';
CREATE FUNCTION beat_service(id_ text, owner_ text, form integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO beats (tbl, id, owner, at_ms)
    SELECT 'services', id_, owner_, floor(extract(epoch FROM clock_timestamp()) * 1000)
    FROM head WHERE one AND record_schema >= form AND moved_to IS NULL
    ON CONFLICT (tbl, id) DO UPDATE SET owner = excluded.owner, at_ms = excluded.at_ms;
  RETURN FOUND;
END $$;
CREATE FUNCTION beat_lease(id_ text, owner_ text, ms bigint, form integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
BEGIN
  PERFORM 1 FROM head WHERE one AND record_schema >= form AND moved_to IS NULL FOR SHARE;
  IF NOT FOUND THEN RETURN false; END IF;
  now_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);
  INSERT INTO beats (tbl, id, owner, at_ms)
    SELECT 'leases', id_, owner_, now_ms + ms FROM versions v
    WHERE v.tbl = 'leases' AND v.id = id_ AND v.until IS NULL AND v.record->>'holder' = owner_ AND now_ms < GREATEST(
      (v.record->>'until')::bigint, (SELECT at_ms FROM beats b WHERE b.tbl = 'leases' AND b.id = id_ AND b.owner = owner_))
    ON CONFLICT (tbl, id) DO UPDATE SET owner = excluded.owner, at_ms = excluded.at_ms;
  RETURN FOUND;
END $$;`

export const sqlMigrations: readonly SqlMigration[] = [
  { name: 'tables', sql: tables },
  { name: 'commit of a batch', sql: commitBatch },
  { name: 'archive of deleted servers', sql: archive },
  { name: 'start of history', sql: historyStart },
  { name: 'beats beside the records', sql: beats },
]
