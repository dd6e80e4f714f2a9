/** The composition root of `nova state move` and of everything else that is done to a place of records as a whole. */
import { Fault } from '../core/fault.ts'
import { fileVault } from '../state/file-vault.ts'
import { openJsonStore } from '../state/json/json-store.ts'
import { movableJson } from '../state/json/movable-json.ts'
import type { Movable } from '../state/movable.ts'
import { type MoveReport, moveState } from '../state/move-state.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs as fs } from '../system/fs.ts'
import { systemProcesses as processes } from '../system/processes.ts'
import { systemRandom as random } from '../system/random.ts'
import { readDaemonFacts } from './daemon-lock.ts'

/** Moves all records, their history and secrets from one place to another; places are `json:DIR` or `postgres://…`. */
export async function moveBetween(
  from: string,
  to: string,
  onCopied: (done: number, total: number) => void,
): Promise<MoveReport> {
  const source = await openPlace(from)
  try {
    const target = await openPlace(to)
    return await moveState(source, target, onCopied).finally(() => target.close())
  } finally {
    await source.close()
  }
}

async function openPlace(place: string): Promise<Movable> {
  if (place.startsWith('json:')) return openDirectory(place.slice('json:'.length))
  const { openPostgresStore } = await import('../state/postgres/postgres-store.ts')
  return (await openPostgresStore({ url: place, clock, random, fs, coldReads: 0 })).movable()
}

async function openDirectory(path: string): Promise<Movable> {
  const { resolve } = await import('node:path')
  const directory = resolve(path)
  const daemon = readDaemonFacts(directory)
  if (daemon)
    throw new Fault('conflict', `daemon ${daemon.pid} serves ${directory}`, { hint: `nova daemon stop --state ${directory}` })
  const vault = fileVault({ directory: `${directory}/vault`, fs, processes })
  return movableJson(openJsonStore({ directory, fs, clock }), directory, fs, vault)
}
