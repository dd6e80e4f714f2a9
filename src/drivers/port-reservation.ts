/**
 * TCP ports on the host's loopback, one for each guest that wants ssh. A reservation is a symbolic link named after the
 * port that points at the guest's id.
 */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'

/** Below the ports that kernels hand out by themselves (32768 and up). */
const firstPort = 22_000
const portCount = 8000

/**
 * Parameters: directory, guest, port to begin with, first port, how many. Prints the guest's port: the one it has, or the next
 * that has no link and nobody listens on, whatever the address: a forward would fail on it. One search at a time: two for the
 * same guest, begun at once, could pass each other. Ends with 3 when there is none.
 */
const takeScript = `umask 077
directory=$1 id=$2 port=$3 first=$4 count=$5
mkdir -p -- "$directory" && exec 9<"$directory" && flock 9 || exit 1
known=$(find "$directory" -mindepth 1 -maxdepth 1 -type l -lname "$id" -printf '%f\\n' | head -n 1)
[ -z "$known" ] || { echo "$known"; exit; }
step=0
while [ "$step" -lt "$count" ]; do
  link=$directory/$port
  if [ ! -L "$link" ] && ! grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6; then
    ln -s -- "$id" "$link" && echo "$port"
    exit
  fi
  step=$((step + 1)) port=$((port + 1))
  [ "$port" -lt $((first + count)) ] || port=$first
done
exit 3`

/** The guest's port: the one it has, or a free one from now on. Where the search starts depends on the id alone. */
export async function reservePort(context: DriverContext, id: string): Promise<number> {
  const { host } = context
  const start = firstPort + (Number.parseInt(id.replaceAll('-', '').slice(0, 8), 16) % portCount)
  const words = [reservations(context), id, ...[start, firstPort, portCount].map(String)]
  const { exitCode, stdout } = await host.run(['sh', '-c', takeScript, 'take', ...words], { okExitCodes: [0, 3] })
  // Nothing ran: it would take this one, unless somebody else is faster.
  if (host.planning) return portOf(await portOwners(context), id) ?? start
  const port = Number(/^\d{1,5}$/m.exec(stdout)?.[0])
  if (exitCode === 0 && port > 0) return port
  throw new Fault('over-quota', `host ${host.name} has no free port from ${firstPort} to ${firstPort + portCount - 1}`)
}

const portOf = (owners: ReadonlyMap<number, string>, id: string) => [...owners].find(([, owner]) => owner === id)?.[0]

/** Gives the guest's ports back; silent when it has none. */
export async function releasePorts(context: DriverContext, id: string): Promise<void> {
  if (!(await context.host.stat(reservations(context)))) return
  for (const [port, owner] of await portOwners(context)) {
    if (owner === id) await context.host.remove(`${reservations(context)}/${port}`)
  }
}

const reservations = ({ instancesPath }: DriverContext) => `${instancesPath}/.ports`

/** Guests by the port that is theirs. */
async function portOwners(context: DriverContext): Promise<ReadonlyMap<number, string>> {
  const argv = ['find', reservations(context), '-mindepth', '1', '-maxdepth', '1', '-type', 'l', '-printf', '%f %l\\n']
  const { stdout } = await context.host.run(argv, { effect: 'read', okExitCodes: [0, 1] })
  return new Map([...stdout.matchAll(/^(\d{1,5}) (\S+)$/gm)].map(([, port, owner = '']) => [Number(port), owner]))
}
