/**
 * A libvirtd of this test alone: its own /run, configuration, state and logs in a private mount namespace, so that it sees
 * no domain of the machine, and its own network with the bridge br-test. KVM is masked by a read-only file: libvirt would believe in it because it opens.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import type { Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aGuestImage } from './a-guest.ts'
import { eventually } from './eventually.ts'
import { realTime, receive } from './host-directory.ts'

const qemuConfiguration = (user: string) => `
user = "${user}"
group = "${user}"
dynamic_ownership = 1
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "logd"
`

const daemonConfiguration = `
auth_unix_rw = "none"
unix_sock_group = "root"
`

/**
 * Constant text; its parameter is the daemon's own directory. The shell is the first process of its namespace: it takes in
 * guests that ended, for which libvirt waits, and when it is killed everything in the namespace is.
 */
const script = `
set -e
cd "$1"
mkdir etc lib log cache
cp -a /etc/libvirt/. etc/
rm -rf etc/qemu/networks/autostart
cp qemu.conf libvirtd.conf etc/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
ip link set lo up
ip link add br-test type bridge
ip link set br-test up
mount -t tmpfs tmpfs /run
mkdir /run/libvirt
for pair in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt; do
  mkdir -p "\${pair#*:}"
  mount --bind "\${pair%%:*}" "\${pair#*:}"
done
mkdir -p /var/log/libvirt/qemu
if [ -e /dev/kvm ]; then
  : >nokvm
  mount --bind nokvm /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi
virtlogd >virtlogd.out 2>&1 &
libvirtd >libvirtd.out 2>&1 &
echo $! >libvirtd.pid
sleep infinity &
wait
`

const namespaces = ['-mpn', '--propagation', 'private', '--fork', '--kill-child=SIGKILL']

/** Why no libvirtd can be started here, or undefined. */
export function libvirtObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'a libvirtd of its own takes root'
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  const missing = ['libvirtd', 'virtlogd', 'virsh', 'unshare', 'setpriv', 'nsenter', 'ip', 'qemu-system-x86_64'].filter(
    (program) => !folders.some((folder) => existsSync(join(folder, program))),
  )
  return missing.length === 0 ? undefined : `there is no ${missing.join(', no ')}`
}

/** A host whose commands run beside that libvirtd, which runs guests as `user`; `driver()` is a new driver each time. */
export async function libvirtHost({ user = 'root' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  // Guests that are not root must get to their files.
  chmodSync(root, 0o711)
  writeFileSync(join(root, 'qemu.conf'), qemuConfiguration(user))
  writeFileSync(join(root, 'libvirtd.conf'), `${daemonConfiguration}host_uuid = "${systemRandom.uuid()}"\n`)
  // Dies with the test, however that ends.
  const argv = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', script, 'libvirt', root]
  const holder = spawn('setpriv', argv, { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } })
  const local = localHost({ name: 'here', clock: realTime })
  const first = await eventually('the first process of the namespace', async () => firstChild(holder.pid))
  const inside = ['nsenter', '-t', first, '-m', '-p', '-n', '--wd=/', '--']
  const host: Host = { ...local, run: (words, options) => local.run([...inside, ...words], options) }
  const instancesPath = join(root, 'i')
  const context = { host, instancesPath, clock: realTime, random: systemRandom, virtType: 'qemu' as const, receive }
  const driver = () => libvirtDriver(context)
  const virsh = (...words: string[]) => host.run(['env', 'LC_ALL=C', 'virsh', '-q', '-c', 'qemu:///system', ...words])
  const answer = () => eventually('an answer of libvirtd', () => virsh('version').catch(() => undefined), 60_000)
  // Before that, virsh would find the libvirtd of the machine.
  await eventually('libvirtd', async () => existsSync(join(root, 'libvirtd.pid')))
  await answer()
  /** Ends libvirtd alone; guests run on. */
  const kill = async () => {
    const pid = readFileSync(join(root, 'libvirtd.pid'), 'utf8').trim()
    await host.run(['kill', '-TERM', pid], { okExitCodes: [0, 1] })
    await eventually(
      'the end of libvirtd',
      async () => (await host.run(['kill', '-0', pid], { okExitCodes: [0, 1] })).exitCode === 1,
    )
  }
  const restart = async () => {
    await kill()
    await host.run(['libvirtd', '-d', '-p', join(root, 'libvirtd.pid')])
    await answer()
  }
  const cleanup = async () => {
    const ended = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill('SIGKILL')
    await ended
    rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  return { root, host, inside, instancesPath, context, driver, virsh, kill, restart, cleanup }
}

/** Number of the process that `parent` forked. */
function firstChild(parent: number | undefined): string | undefined {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')[0] || undefined
}

/** A small raw image, and the file that holds it. */
export function smallImage(root: string) {
  const bytes = Buffer.alloc(1024 ** 2)
  const imageFile = join(root, 'image.raw')
  writeFileSync(imageFile, bytes)
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { imageFile, image: aGuestImage({ digest, format: 'raw', size: bytes.length, virtualSize: bytes.length }) }
}
