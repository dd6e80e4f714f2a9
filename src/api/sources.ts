/** Bytes and files named in a call: what a caller at this door may name, and uploads in their place. */
import { Fault } from '../core/fault.ts'
import type { Peer, Who } from './peer.ts'

/** Uploads that wait to be used, see uploads.ts. */
export interface SourceDesk {
  /** The bytes of a finished upload of this caller; `end` removes them. */
  open(id: string, owner: Who): { readonly stream: () => AsyncIterable<Uint8Array>; readonly end: () => void }
}

interface Named {
  readonly action: string
  readonly params: Readonly<Record<string, unknown>>
  readonly peer: Peer
  readonly caller: Who
}

type Run = (input: unknown, stream?: () => AsyncIterable<Uint8Array>) => Promise<unknown>

/** Runs the call with its sources put in place. Faults: `unsupported` for a file that this door does not reach. */
export async function withSources(desk: SourceDesk, { action, params, peer, caller }: Named, run: Run): Promise<unknown> {
  // What is missing or no text is for the action to refuse.
  const { file, source } = params
  if (action === 'image.save' && typeof file === 'string') refuseTarget(file, peer)
  if (action !== 'image.create' || typeof source !== 'string') return run(params)
  if (!source.startsWith('upload:')) {
    refuseSource(source, peer)
    return run(params)
  }
  const { stream, end } = desk.open(source.slice('upload:'.length), caller)
  try {
    return await run({ ...params, source: '-' }, stream)
  } finally {
    end()
  }
}

function refuseSource(source: string, peer: Peer): void {
  if (/^https?:\/\//i.test(source)) return
  if (peer.door === 'socket' && source.startsWith('/') && source !== '/dev/stdin') return
  throw new Fault('unsupported', `the daemon does not read ${source} for a caller at this door`, {
    hint: 'upload the bytes with upload.begin and upload.append, then name them upload:ID',
  })
}

function refuseTarget(file: string, peer: Peer): void {
  if (peer.door === 'socket' && file.startsWith('/')) return
  throw new Fault('unsupported', 'the daemon writes image files only to an absolute path of its own machine, over its socket', {
    hint: 'nova image save on the machine of the state directory',
  })
}
