/** The composition root's side of records and secrets: files of the state directory, or the database that the settings name. */

import type { Archive } from '../state/archive.ts'
import { fileVault, sweepVault } from '../state/file-vault.ts'
import type { PostgresStore } from '../state/postgres/postgres-store.ts'
import type { Store } from '../state/store.ts'
import type { Upkeep } from '../state/upkeep.ts'
import type { Vault } from '../state/vault.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs as fs } from '../system/fs.ts'
import { systemProcesses as processes } from '../system/processes.ts'
import { systemRandom as random } from '../system/random.ts'
import { openStore } from './store.ts'

export interface Records {
  readonly store: Store
  readonly vault: Vault
  /** Forgets the secrets of servers and webhooks that never came to be. */
  sweep(): Promise<void>
  /** Where deleted servers go. */
  archive(): Promise<Archive>
  upkeep(): Promise<Upkeep>
}

/** Opens nothing before the first question. */
export function openRecords(stateDirectory: string, database: string): Records {
  if (database !== '') return databaseRecords(database)
  const store = openStore(stateDirectory)
  const secrets = { directory: `${stateDirectory}/vault`, fs, processes }
  const isServer = (id: string) =>
    store.read(async (reader) => ((await reader.get('servers', id)) ?? (await reader.get('webhooks', id))) !== undefined)
  return {
    store,
    vault: fileVault(secrets),
    sweep: () => sweepVault(secrets, isServer),
    archive: async () => (await import('../state/json/archive.ts')).jsonArchive(stateDirectory, fs),
    upkeep: async () => (await import('../state/json/upkeep.ts')).jsonUpkeep(store, stateDirectory, fs),
  }
}

function databaseRecords(url: string): Records {
  let opened: Promise<PostgresStore> | undefined
  const open = () => {
    opened ??= import('../state/postgres/postgres-store.ts')
      .then(({ openPostgresStore }) => openPostgresStore({ url, clock, random, fs }))
      .catch((error: unknown) => {
        // A database that was away is asked again by the next call.
        opened = undefined
        throw error
      })
    return opened
  }
  return {
    store: {
      read: async (body, moment) => (await open()).read(body, moment),
      recall: async (body) => (await open()).recall(body),
      transaction: async (authorship, body) => (await open()).transaction(authorship, body),
      history: async (table, id) => (await open()).history(table, id),
      historyStart: async () => (await open()).historyStart(),
      purgeHistory: async (before, options) => (await open()).purgeHistory(before, options),
      async *watch(from, signal) {
        yield* (await open()).watch(from, signal)
      },
      report: async (service, process) => (await open()).report(service, process),
      renewLease: async (task, holder, ms) => (await open()).renewLease(task, holder, ms),
      now: async () => (await open()).now(),
      compact: async (options) => (await open()).compact(options),
      close: async () => (await opened)?.close(),
    },
    vault: {
      put: async (serverId, name, text) => (await open()).vault.put(serverId, name, text),
      get: async (serverId, name) => (await open()).vault.get(serverId, name),
      forget: async (serverId) => (await open()).vault.forget(serverId),
    },
    sweep: async () => (await open()).vault.sweep(),
    archive: async () => (await open()).archive(),
    upkeep: async () => (await import('../state/postgres/upkeep.ts')).postgresUpkeep({ url, clock, random, fs }),
  }
}
