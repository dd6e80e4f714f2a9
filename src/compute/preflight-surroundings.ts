/** What lies around the hypervisor and spoils its work: clocks, names, shells that talk, walls around its processes. */
import { type CheckedHost, type Facts, type Finding, failed, ok, warning } from './preflight-finding.ts'

export interface Asked {
  /** Our wall time when the host was asked, and how long the answer took, in milliseconds. */
  readonly at: number
  readonly withinMs: number
  /** What was printed before the answer. */
  readonly noise: string
}

const slowMs = 1000
const mostSkewMs = 2000
/** libvirt's own rules let its helper read disks there. */
const readByHelper = /^\/(var\/lib\/nova\/instances|var\/lib\/libvirt\/images|home|root|media|mnt|opt|srv)(\/|$)/

const millisecondsOf = (facts: Facts, name: string) => Number(facts.get(name) ?? Number.NaN) * 1000

/** Milliseconds of the answer in which the host's script did not run: the way there and back, and the shell before it. */
const onTheWay = (facts: Facts, { withinMs }: Asked) => {
  const worked = millisecondsOf(facts, 'ended') - millisecondsOf(facts, 'time')
  return Number.isNaN(worked) ? withinMs : Math.max(0, withinMs - worked)
}

/** The shell runs before every command: it must understand our quotes, say nothing of its own and not dawdle. */
export function shell(facts: Facts, asked: Asked): Finding {
  const path = facts.get('shell') ?? 'unknown'
  if (!/\/(ba|da|a|k|mk|z)?sh$/.test(path)) return failed('shell', path, 'give the user a POSIX shell: chsh -s /bin/sh')
  if (asked.noise !== '')
    return failed(
      'shell',
      `${path} prints ${JSON.stringify(asked.noise.slice(0, 60))}`,
      'let ~/.bashrc and ~/.profile print nothing',
    )
  const before = onTheWay(facts, asked)
  if (before <= slowMs) return ok('shell', path)
  const value = `${path}, ${(before / 1000).toFixed(1)} s before a command runs`
  return warning('shell', value, 'look at ~/.bashrc, at UseDNS and PAM of its sshd, and at the network')
}

/** The host read its clock somewhere on the way: what cannot be known is no skew. */
export function clockSkew(facts: Facts, asked: Asked): Finding {
  const there = millisecondsOf(facts, 'time')
  const latest = asked.at + onTheWay(facts, asked)
  const skew = there < asked.at ? there - asked.at : Math.max(0, there - latest)
  const value = Number.isNaN(skew) ? 'unknown' : `${(skew / 1000).toFixed(1)} s from ours`
  return Math.abs(skew) <= mostSkewMs ? ok('clock', value) : warning('clock', value, 'apt-get install chrony, here and there')
}

/** libvirt looks the host's own name up when it starts and when a guest leaves, and waits as long as that takes. */
export function names(facts: Facts): Finding {
  const [name = 'unknown', address] = [facts.get('hostname'), facts.get('address')]
  const took = Number(facts.get('resolved') ?? 0)
  const advice = `add "${name}" to /etc/hosts there: libvirt waits 10 s for such names`
  if (address === undefined) return warning('hostname', `${name} has no address`, advice)
  if (took <= slowMs) return ok('hostname', `${name} is ${address}`)
  return warning('hostname', `${name} is ${address}, after ${(took / 1000).toFixed(1)} s`, advice)
}

/** AppArmor, SELinux and control groups: what keeps a guest from its own disks or its share of the host. */
export function confinement(facts: Facts, { driver, instancesPath }: CheckedHost): Finding {
  const apparmor = facts.get('apparmor') === 'Y'
  const selinux = facts.get('selinux') === '1'
  const value = [apparmor ? 'AppArmor is on' : 'no AppArmor', ...(selinux ? ['SELinux enforces'] : [])].join(', ')
  const isLibvirt = driver === 'libvirt'
  if (isLibvirt && apparmor && !readByHelper.test(instancesPath) && (facts.get('helper') ?? '0') === '0')
    return warning(
      'confinement',
      `${value}, its rules do not know ${instancesPath}`,
      `add " ${instancesPath}/** r," to /etc/apparmor.d/local/usr.lib.libvirt.virt-aa-helper and reload apparmor`,
    )
  const label = facts.get('label') ?? ''
  if (isLibvirt && selinux && !/virt_|svirt_/.test(label))
    return warning(
      'confinement',
      `${value}, ${instancesPath} has the label ${label || 'none'}`,
      `semanage fcontext -a -t virt_image_t '${instancesPath}(/.*)?' && restorecon -R ${instancesPath}`,
    )
  const controllers = facts.get('controllers')?.split(/\s+/) ?? []
  const missing = ['cpu', 'memory'].filter((controller) => !controllers.includes(controller))
  if (missing.length === 0) return ok('confinement', `${value}, control groups for cpu and memory`)
  return warning(
    'confinement',
    `${value}, no control group for ${missing.join(', ')}`,
    'boot the host with these controllers turned on',
  )
}
