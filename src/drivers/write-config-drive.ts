/** Puts a config drive on a host: the tree goes there as one archive by standard input and leaves again once it is an ISO. */
import { Fault } from '../core/fault.ts'
import type { Host } from '../hosts/host.ts'
import type { ConfigDriveFile } from './driver.ts'
import { tarArchive } from './tar-archive.ts'

/** File name of the config drive in a guest's directory. */
export const configDriveName = 'disk.config'

const treeName = 'config-drive'
const makers = ['genisoimage', 'xorrisofs', 'mkisofs']
const maxBytes = 4 * 1024 * 1024

/** Writes `<directory>/disk.config` (mode 0600, label config-2), over an older one too, and resolves with its path. */
export async function writeConfigDrive(host: Host, directory: string, files: readonly ConfigDriveFile[]): Promise<string> {
  const archive = tarArchive(files)
  if (archive.length > maxBytes) {
    throw new Fault('invalid', `the config drive takes ${archive.length} bytes; the most is ${maxBytes}`)
  }
  const tree = `${directory}/${treeName}`
  const target = `${directory}/${configDriveName}`
  await host.remove(tree)
  await host.mkdir(tree)
  try {
    await host.run(['tar', '-x', '--no-same-owner', '-C', tree, '-f', '-'], { stdin: archive })
    await makeIso(host, tree, `${target}.new`)
    await host.rename(`${target}.new`, target)
  } finally {
    await host.remove(tree)
  }
  return target
}

async function makeIso(host: Host, tree: string, target: string): Promise<void> {
  const flags = ['-quiet', '-o', target, '-V', 'config-2', '-J', '-r', '-l', tree]
  for (const maker of makers) {
    try {
      await host.run([maker, ...flags])
      return
    } catch (error) {
      if (!(error instanceof Fault && error.kind === 'unsupported')) throw error
    }
  }
  throw new Fault('unsupported', `host ${host.name} has none of ${makers.join(', ')} to make a config drive with`, {
    hint: `on host ${host.name}: apt-get install genisoimage`,
  })
}
