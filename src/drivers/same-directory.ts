/** Whether two hosts see one directory. Names and file systems prove nothing: a file that appears on the other side too does. */
import type { Host } from '../hosts/host.ts'
import type { DriverContext } from './driver-context.ts'

/** A directory as one host knows it. */
export interface DirectoryOn {
  readonly host: Host
  readonly directory: string
}

/** Leaves nothing behind; a plan writes nothing and goes by what the two file systems say of the directory. */
export async function isSameDirectory(
  { random }: Pick<DriverContext, 'random'>,
  here: DirectoryOn,
  there: DirectoryOn,
): Promise<boolean> {
  if (here.host.planning) {
    const [one, other] = await Promise.all([here, there].map(identity))
    return one !== '' && one === other
  }
  const name = `.shared-${random.uuid()}`
  await here.host.writeFile(`${here.directory}/${name}`, '', { durable: false })
  try {
    return (await there.host.stat(`${there.directory}/${name}`)) !== undefined
  } finally {
    await here.host.remove(`${here.directory}/${name}`)
  }
}

/** Number, birth and last change; empty for a directory that is not there. */
async function identity({ host, directory }: DirectoryOn): Promise<string> {
  const argv = ['stat', '-c', '%i %W %z', '--', directory]
  return (await host.run(argv, { effect: 'read', okExitCodes: [0, 1] })).stdout.trim()
}
