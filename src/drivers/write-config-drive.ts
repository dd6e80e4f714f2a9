/** Puts a config drive on a host: the tree goes there as one archive by standard input and leaves again once it is an ISO. */
import { Fault } from '../core/fault.ts'
import { inOneGo } from '../hosts/batch.ts'
import type { Host } from '../hosts/host.ts'
import type { ConfigDriveFile } from './driver.ts'
import { tarArchive } from './tar-archive.ts'

/** File name of the config drive in a guest's directory. */
export const configDriveName = 'disk.config'

const treeName = 'config-drive'
const makers = ['genisoimage', 'xorrisofs', 'mkisofs']
const maxBytes = 4 * 1024 * 1024

/** Makes the directory and writes `<directory>/disk.config` (mode 0600, label config-2), over an older one too, and resolves with its path. */
export async function writeConfigDrive(host: Host, directory: string, files: readonly ConfigDriveFile[]): Promise<string> {
  const archive = tarArchive(files)
  if (archive.length > maxBytes) {
    throw new Fault('invalid', `the config drive takes ${archive.length} bytes; the most is ${maxBytes}`)
  }
  const tree = `${directory}/${treeName}`
  const target = `${directory}/${configDriveName}`
  for (const maker of makers) {
    try {
      await inOneGo(host, (gathered) => makeDrive(gathered, { archive, maker, tree, target }))
      return target
    } catch (error) {
      await host.remove(tree)
      if (!(error instanceof Fault && error.kind === 'unsupported')) throw error
    }
  }
  throw new Fault('unsupported', `host ${host.name} has none of ${makers.join(', ')} to make a config drive with`, {
    hint: `on host ${host.name}: apt-get install genisoimage`,
  })
}

interface Drive {
  readonly archive: Uint8Array
  readonly maker: string
  readonly tree: string
  readonly target: string
}

async function makeDrive(host: Host, { archive, maker, tree, target }: Drive): Promise<void> {
  await host.remove(tree)
  await host.mkdir(tree)
  await host.run(['tar', '-x', '--no-same-owner', '-C', tree, '-f', '-'], { stdin: archive })
  await host.run([maker, '-quiet', '-o', `${target}.new`, '-V', 'config-2', '-J', '-r', '-l', tree])
  await host.rename(`${target}.new`, target)
  await host.remove(tree)
}
