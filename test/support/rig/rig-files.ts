/** The configuration files of a host of the rig. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RigHostFiles {
  readonly name: string
  readonly address: string
  /** Distinct on each host: libvirt refuses to migrate between hosts with one UUID. */
  readonly uuid: string
  readonly directory: string
  /** The public key that may log in as root. */
  readonly authorizedKey: string
  /** Every host of the rig with its address, for /etc/hosts. */
  readonly neighbours: readonly { readonly name: string; readonly address: string }[]
}

/** Writes what sshd, the resolver and libvirt of one host read. Called again it keeps the host's ssh key. */
export function writeHostFiles(host: RigHostFiles): void {
  const { directory } = host
  mkdirSync(directory, { recursive: true })
  const hostKey = join(directory, 'host_ed25519')
  if (!existsSync(hostKey)) makeKey(hostKey)
  writeFileSync(join(directory, 'authorized_keys'), host.authorizedKey)
  writeFileSync(join(directory, 'sshd_config'), sshdConfig(directory))
  const names = host.neighbours.map(({ name, address }) => `${address} ${name}\n`)
  writeFileSync(join(directory, 'hosts'), ['127.0.0.1 localhost\n', ...names].join(''))
  if (existsSync('/etc/libvirt')) writeLibvirtFiles(host)
}

/** A new ed25519 key at `path`. */
export function makeKey(path: string, passphrase = ''): void {
  rmSync(path, { force: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'rig', '-f', path])
}

/** Root logs in by key; nothing that a test does meets a limit of the server before one of ours. */
const sshdConfig = (directory: string) => `Port 22
ListenAddress 0.0.0.0
HostKey ${directory}/host_ed25519
PidFile /run/sshd.pid
AuthorizedKeysFile ${directory}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
MaxStartups 200
Subsystem sftp internal-sftp
`

function writeLibvirtFiles({ directory, address, uuid }: RigHostFiles): void {
  const etc = join(directory, 'etc-libvirt')
  if (existsSync(etc)) return
  cpSync('/etc/libvirt', etc, { recursive: true })
  rmSync(join(etc, 'qemu/networks/autostart'), { recursive: true, force: true })
  writeFileSync(
    join(etc, 'qemu.conf'),
    `user = "root"
group = "root"
dynamic_ownership = 1
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = [ "cpu","cpuacct","memory","cpuset","devices","freezer","blkio" ]
stdio_handler = "logd"
migration_address = "0.0.0.0"
migration_host = "${address}"
vnc_listen = "0.0.0.0"
`,
  )
  writeFileSync(
    join(etc, 'libvirtd.conf'),
    `listen_tls = 0
listen_tcp = 1
listen_addr = "${address}"
auth_tcp = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
host_uuid = "${uuid}"
`,
  )
}
