/** A local host for real qemu guests: an instances directory that goes away with every process in it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { localHost } from '../../src/hosts/local.ts'
import { systemRandom } from '../../src/system/random.ts'
import { realTime, receive } from './host-directory.ts'

/** `driver()` is a new driver each time, as after a restart of the controller. */
export function qemuHost(directory = 'i') {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  const instancesPath = join(root, directory)
  const host = localHost({ name: 'here', clock: realTime })
  const context = { host, instancesPath, clock: realTime, random: systemRandom, virtType: 'auto' as const, receive }
  const driver = () => qemuDriver(context)
  return {
    host,
    root,
    instancesPath,
    context,
    driver,
    cleanup: async () => {
      for (const { id } of await driver().list()) await driver().destroy(id)
      rmSync(root, { recursive: true, force: true })
    },
  }
}
