/** Programs that a host needs for its driver, and what to install for those that it has not. */
import { debianPackage } from '../hosts/debian-package.ts'
import { type CheckedHost, type Facts, type Finding, failed, ok, warning } from './preflight-finding.ts'

type Need = 'needed' | 'useful'
/** For drivers of real hosts; what only some work needs is useful. */
const everywhere: readonly (readonly [string, Need])[] = [
  ['flock', 'needed'],
  ['sha256sum', 'needed'],
  ['find', 'needed'],
  ['qemu-img', 'needed'],
  ['genisoimage', 'needed'],
  ['dnsmasq', 'useful'],
  ['socat', 'useful'],
]
const ofDriver = new Map<string, readonly (readonly [string, Need])[]>([
  ['fake', []],
  ['qemu', [['qemu-system-x86_64', 'needed'], ...everywhere]],
  ['libvirt', [['virsh', 'needed'], ['qemu-system-x86_64', 'needed'], ...everywhere]],
])
/** Nothing to tell a person about when they are there. */
const basics = new Set(['flock', 'sha256sum', 'find', 'socat'])

/** A finding for each program that matters to the host's driver, and for libvirt's daemon. */
export function programChecks(facts: Facts, { driver }: CheckedHost): Finding[] {
  const programs = (ofDriver.get(driver) ?? everywhere).flatMap(([program, need]) => programCheck(facts, program, need))
  return driver === 'libvirt' && facts.has('version.virsh') ? [...programs, daemonCheck(facts)] : programs
}

function programCheck(facts: Facts, program: string, need: Need): Finding[] {
  const said = facts.get(`version.${program}`)
  if (said !== undefined) return basics.has(program) ? [] : [ok(program, /\d+(\.\d+)+\S*/.exec(said)?.[0] ?? said)]
  const advice = `apt-get install ${debianPackage(program) ?? program}`
  return [need === 'needed' ? failed(program, 'not installed', advice) : warning(program, 'not installed', advice)]
}

function daemonCheck(facts: Facts): Finding {
  const said = facts.get('libvirtd') ?? ''
  const version = /Running against daemon: (\S+)/.exec(said)?.[1]
  if (version !== undefined) return ok('libvirtd', version)
  return failed('libvirtd', said || 'no answer', 'systemctl enable --now libvirtd, and add the user to the group libvirt')
}
