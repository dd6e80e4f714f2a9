/** Live moves that are refused before anything changes, with every reason. */
import { describe, expect, it } from 'vitest'
import { requireCertificates } from '../../../../src/drivers/libvirt/certificates.ts'
import { requireCpu } from '../../../../src/drivers/libvirt/compare-cpu.ts'
import { parseXml } from '../../../../src/drivers/libvirt/parse-xml.ts'
import { type ScriptedAnswer, scriptedHost } from '../../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { realTime } from '../../../support/host-directory.ts'

const contextOf = async (name: string, answer: ScriptedAnswer = {}) => {
  const host = await scriptedHost({ name, rules: [() => answer] })
  const context = { host, instancesPath: '/srv/nova', clock: realTime, random: systemRandom, virtType: 'qemu' as const }
  return { host, context }
}
const capabilities = '<capabilities><host><cpu><arch>x86_64</arch><model>EPYC</model></cpu></host></capabilities>'
const domain = (cpu: string, type = 'qemu') =>
  parseXml(`<domain type='${type}'><os><type machine='pc-i440fx-7.2'>hvm</type></os>${cpu}</domain>`)
const named = `<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='vmx'/></cpu>`
const refusal = (words: string) => ({
  stderr: `error: Failed to compare hypervisor CPU with /dev/stdin\nerror: ${words}\n`,
  exitCode: 1,
})

describe('a CPU that the destination cannot run', () => {
  const ask = async (answer: ScriptedAnswer, cpu: string, type?: string) => {
    const [here, there] = [await contextOf('here'), await contextOf('there', answer)]
    return { there, asked: requireCpu(here.context, there.context, domain(cpu, type), capabilities) }
  }

  it('is refused with the features that are missing there', async () => {
    const words = 'the CPU is incompatible with host CPU: Host CPU does not provide required features: vmx, avx512f'
    const { asked } = await ask(refusal(words), named)
    await expect(asked).rejects.toMatchObject({
      kind: 'conflict',
      message: 'host there cannot run the CPU that the guest has on host here: it lacks vmx, avx512f',
    })
  })

  it('is refused for another kind of processor', async () => {
    const { asked } = await ask(refusal('the CPU is incompatible with host CPU'), named)
    await expect(asked).rejects.toThrow('its processor is of another kind')
  })

  it('is accepted where libvirt says so, and compared for the way in which the guest runs', async () => {
    const { asked, there } = await ask({}, named, 'kvm')
    await asked
    expect(there.host.ran.flat().join(' ')).toContain('hypervisor-cpu-compare --error --virttype kvm --machine pc-i440fx-7.2')
  })

  it('is the host’s own where the guest sees that', async () => {
    const passed = `<cpu mode='host-passthrough'/>`
    const { asked, there } = await ask(refusal('the CPU is incompatible with host CPU'), passed, 'kvm')
    await expect(asked).rejects.toMatchObject({ kind: 'conflict' })
    expect(there.host.ran.flat()).toContain('cpu-compare')
  })

  it('is not made up when libvirt does not answer', async () => {
    const { asked } = await ask(refusal('failed to connect to the hypervisor'), named)
    await expect(asked).rejects.toMatchObject({ kind: 'unreachable' })
  })
})

describe('a move by TLS', () => {
  it('names every host that has no certificates, and what it lacks', async () => {
    const pki = Object.fromEntries(['ca-cert', 'server-cert', 'server-key'].map((name) => [`/etc/pki/qemu/${name}.pem`, 'x']))
    const conf = '/etc/libvirt/qemu.conf'
    const whole = await scriptedHost({ name: 'a', files: pki })
    const other = await scriptedHost({
      name: 'b',
      files: { ...pki, [conf]: '#migrate_tls_x509_cert_dir = "/x"\ndefault_tls_x509_cert_dir = "/own"\n' },
    })
    await requireCertificates([whole])
    await expect(requireCertificates([whole, other])).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'a move by TLS takes certificates: host b has no ca-cert.pem, server-cert.pem, server-key.pem in /own',
    })
  })
})
