/** Certificates for the qemu of every host of a rig, signed by an authority of the rig's own. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { restartLibvirtd } from './libvirt-pair.ts'
import type { Rig } from './rig/rig.ts'
import { sh } from './rig/rig-place.ts'

/** Hosts believe each other from now on. */
export async function giveCertificates(rig: Rig): Promise<void> {
  const [caKey, caCert] = [join(rig.directory, 'ca-key.pem'), join(rig.directory, 'ca-cert.pem')]
  sh(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=rig',
    '-keyout',
    caKey,
    '-out',
    caCert,
  )
  for (const [index, host] of rig.hosts.entries()) {
    const pki = join(host.directory, 'etc-libvirt/pki')
    mkdirSync(pki, { recursive: true })
    sh('cp', caCert, join(pki, 'ca-cert.pem'))
    const names = join(pki, 'names')
    writeFileSync(names, `subjectAltName=IP:${host.address},DNS:${host.name}\nextendedKeyUsage=serverAuth,clientAuth\n`)
    for (const kind of ['server', 'client']) {
      const [key, request, cert] = ['key', 'request', 'cert'].map((part) => join(pki, `${kind}-${part}.pem`))
      const subject = ['-subj', `/CN=${host.name}`]
      sh('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key ?? '', '-out', request ?? '')
      const signer = ['-CA', caCert, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', names]
      sh('openssl', 'x509', '-req', '-in', request ?? '', '-out', cert ?? '', ...signer)
    }
    const paths = ['default_tls_x509_cert_dir = "/etc/libvirt/pki"', 'migrate_tls_x509_verify = 1']
    appendFileSync(join(host.directory, 'etc-libvirt/qemu.conf'), `${paths.join('\n')}\n`)
    await restartLibvirtd(rig, index + 1)
  }
}
