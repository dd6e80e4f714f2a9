/** Asks a host what it has, and says what to install or change where that is not enough. */

import type { Clock } from '../core/ports.ts'
import type { Host } from '../hosts/host.ts'
import { type CheckedHost, type Facts, type Finding, failed, ok, warning } from './preflight-finding.ts'
import { programChecks } from './preflight-programs.ts'
import { preflightScript } from './preflight-script.ts'
import { type Asked, clockSkew, confinement, names, shell } from './preflight-surroundings.ts'

const deadlineMs = 40_000
const longestValue = 200

/** The findings about one host, in one round trip. Faults are those of `host.run`. */
export async function preflight(host: Host, record: CheckedHost, clock: Clock): Promise<Finding[]> {
  const sent = clock.wall()
  const began = clock.monotonic()
  const argv = ['sh', '-c', preflightScript, 'check', record.instancesPath]
  const { stdout } = await host.run(argv, { effect: 'read', deadlineMs })
  // The host read its clock at some time in between: what cannot be known is no skew.
  return findings(factsOf(stdout), record, { at: sent, withinMs: clock.monotonic() - began, noise: noiseIn(stdout) })
}

/** What was printed before our script began: files that every shell reads should print nothing. */
const noiseIn = (text: string): string => /^([\s\S]{0,2000}?)^begin\t/m.exec(text)?.[1]?.trim().slice(0, longestValue) ?? ''

const factsOf = (text: string): Facts =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([a-z0-9._-]{1,60})\t(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined || value.trim() === '' ? [] : [[name, value.trim().slice(0, longestValue)]]
    }),
  )

/** What is to be said about these facts. */
export function findings(facts: Facts, record: CheckedHost, asked: Asked): Finding[] {
  return [
    login(facts, record),
    shell(facts, asked),
    ...programChecks(facts, record),
    accelerator(facts, record),
    memory(facts),
    disk(facts, record),
    clockSkew(facts, asked),
    names(facts),
    confinement(facts, record),
  ]
}

function login(facts: Facts, { address, sudo }: CheckedHost): Finding {
  const user = facts.get('user') ?? 'unknown'
  if (facts.get('uid') === '0') return ok('login', sudo ? 'root through sudo' : `${user}, who is root`)
  if (address === 'local') return ok('login', user)
  const canSudo = facts.get('sudo') === 'yes'
  const advice = canSudo ? 'add the host with --sudo' : `let ${user} use sudo without a password, or log in as root`
  return warning('login', `${user}, not root`, advice)
}

function accelerator(facts: Facts, { virtType, driver }: CheckedHost): Finding {
  const cpu = facts.get('cpu') ?? facts.get('machine') ?? 'unknown processor'
  const [flag, device] = [facts.get('virtualisation'), facts.get('kvm')]
  if (flag !== undefined && device === 'open') return ok('accelerator', `${flag} and /dev/kvm on ${cpu}`)
  if (driver === 'fake' || virtType === 'qemu') return ok('accelerator', `emulation alone on ${cpu}, not a security boundary`)
  const problem = virtType === 'kvm' ? failed : warning
  if (flag === undefined) {
    const value =
      device === undefined ? `no vmx or svm flag on ${cpu}` : `/dev/kvm without vmx or svm on ${cpu}: it would not run guests`
    return problem('accelerator', value, 'turn virtualisation on in the firmware, or nested virtualisation in the host above')
  }
  return device === 'closed'
    ? problem('accelerator', '/dev/kvm is closed to the user', 'usermod -aG kvm for the user, or log in as root')
    : problem('accelerator', `${flag} but no /dev/kvm`, 'modprobe kvm_intel or kvm_amd')
}

const mib = (kilobytes: string | undefined) => Math.floor(Number(kilobytes ?? 0) / 1024)

function memory(facts: Facts): Finding {
  const [total, free] = [mib(facts.get('memory')), mib(facts.get('available'))]
  const value = `${total} MB, ${free} MB available, ${mib(facts.get('swap'))} MB swap`
  return free < 512 ? warning('memory', value, 'free some memory: guests need it') : ok('memory', value)
}

function disk(facts: Facts, { instancesPath }: CheckedHost): Finding {
  const [size = 0, free = 0] = (facts.get('disk') ?? '').split(/\s+/).map(Number)
  const gib = (bytes: number) => Math.floor(bytes / 1024 ** 3)
  const value = `${gib(free)} of ${gib(size)} GB free at ${instancesPath}`
  if (facts.get('writable') !== 'yes')
    return failed('disk', `${value}, not writable`, `make ${instancesPath} and give it to the user`)
  return free < 5 * 1024 ** 3 ? warning('disk', value, 'free some space, or use another --instances-path') : ok('disk', value)
}
