/** Certificates that qemu encrypts a migration with, on hosts that talk straight to each other. */
import { Fault } from '../../core/fault.ts'
import type { Host } from '../../hosts/host.ts'

const configuration = '/etc/libvirt/qemu.conf'
const usual = '/etc/pki/qemu'
/** In the order in which libvirt believes them. */
const keys = ['migrate_tls_x509_cert_dir', 'default_tls_x509_cert_dir']

/** `unsupported` naming every host that has none. */
export async function requireCertificates(hosts: readonly Host[]): Promise<void> {
  const found = await Promise.all(hosts.map(missing))
  const lacking = found.filter((words) => words !== undefined)
  if (lacking.length === 0) return
  throw new Fault('unsupported', `a move by TLS takes certificates: ${lacking.join('; ')}`, {
    hint: 'leave the transport out: the move is encrypted by ssh then',
  })
}

async function missing(host: Host): Promise<string | undefined> {
  const text = (await host.readFile(configuration))?.toString('utf8') ?? ''
  const directory = keys.map((key) => setting(text, key)).find((value) => value !== undefined) ?? usual
  const files = await Promise.all(
    ['ca-cert.pem', 'server-cert.pem', 'server-key.pem'].map(async (name) =>
      (await host.stat(`${directory}/${name}`)) ? [] : [name],
    ),
  )
  const names = files.flat()
  return names.length === 0 ? undefined : `host ${host.name} has no ${names.join(', ')} in ${directory}`
}

const setting = (text: string, key: string) => new RegExp(`^\\s*${key}\\s*=\\s*"([^"]+)"`, 'm').exec(text)?.[1]
