/** The tree of a config drive, as Nova lays it out, from one server's facts. */
import type { Pairs } from '../core/schema.ts'
import type { ConfigDriveFile } from './driver.ts'

/** Bytes of user data that a server may have, as in Nova. */
export const maxUserDataBytes = 65_535
/** Bytes of the random seed that a guest gets. */
export const randomSeedBytes = 512

/** How a guest gets an address on one link. */
export type ConfigDriveAddress =
  | { readonly type: 'ipv4_dhcp' }
  | { readonly type: 'ipv4'; readonly ip: string; readonly netmask: string; readonly gateway: string | null }

export interface ConfigDriveNic {
  readonly id: string
  readonly mac: string
  readonly mtu: number | null
  readonly networkId: string
  readonly address: ConfigDriveAddress
}

/** What a guest is told about itself. */
export interface ConfigDriveFacts {
  readonly id: string
  readonly name: string
  readonly hostname: string
  readonly launchIndex: number
  readonly availabilityZone: string
  readonly projectId: string
  readonly metadata: Pairs
  readonly keys: readonly { readonly name: string; readonly type: 'ssh' | 'x509'; readonly publicKey: string }[]
  /** `randomSeedBytes` bytes. */
  readonly randomSeed: Uint8Array
  readonly userData: string | null
  readonly adminPassword: string | null
  readonly nics: readonly ConfigDriveNic[]
  readonly dnsServers: readonly string[]
}

/** cloud-init takes the newest dated folder that it knows and `latest` only without one, so the newest has everything. */
const versions = ['2012-08-10', '2013-04-04', '2018-08-27', 'latest'] as const
const randomSeedSince = '2013-04-04'
const networkDataSince = '2015-10-15'

/** Every file of the config drive; text is JSON except for the user data. */
export function configDriveFiles(facts: ConfigDriveFacts): ConfigDriveFile[] {
  const userData = (path: string) => (facts.userData === null ? [] : [{ path, content: facts.userData }])
  const openstack = versions.flatMap((version) => [
    json(`openstack/${version}/meta_data.json`, metaData(facts, version)),
    ...userData(`openstack/${version}/user_data`),
    ...(version < networkDataSince
      ? []
      : [
          json(`openstack/${version}/network_data.json`, networkData(facts)),
          json(`openstack/${version}/vendor_data.json`, {}),
          json(`openstack/${version}/vendor_data2.json`, { static: {} }),
        ]),
  ])
  return [...openstack, json('ec2/latest/meta-data.json', ec2MetaData(facts)), ...userData('ec2/latest/user-data')]
}

const json = (path: string, value: unknown): ConfigDriveFile => ({ path, content: JSON.stringify(value) })

function metaData(facts: ConfigDriveFacts, version: string) {
  const keys = facts.keys.map(({ name, type, publicKey }) => ({ name, type, data: publicKey }))
  return {
    uuid: facts.id,
    ...(facts.metadata.length === 0 ? {} : { meta: Object.fromEntries(facts.metadata) }),
    ...(facts.adminPassword === null ? {} : { admin_pass: facts.adminPassword }),
    ...(keys.length === 0 ? {} : { public_keys: Object.fromEntries(keys.map(({ name, data }) => [name, data])), keys }),
    hostname: facts.hostname,
    name: facts.name,
    launch_index: facts.launchIndex,
    availability_zone: facts.availabilityZone,
    ...(version < randomSeedSince ? {} : { random_seed: Buffer.from(facts.randomSeed).toString('base64') }),
    ...(version < networkDataSince ? {} : { project_id: facts.projectId, devices: [] }),
  }
}

function networkData(facts: ConfigDriveFacts) {
  return {
    links: facts.nics.map(({ id, mac, mtu }) => ({ id, vif_id: id, type: 'phy', mtu, ethernet_mac_address: mac })),
    networks: facts.nics.map((nic, index) => ({
      id: `network${index}`,
      link: nic.id,
      network_id: nic.networkId,
      ...address(nic.address),
    })),
    services: facts.dnsServers.map((server) => ({ type: 'dns', address: server })),
  }
}

function address(wanted: ConfigDriveAddress) {
  if (wanted.type === 'ipv4_dhcp') return { type: wanted.type }
  const { type, ip, netmask, gateway } = wanted
  const routes = gateway === null ? [] : [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway }]
  return { type, ip_address: ip, netmask, routes }
}

function ec2MetaData(facts: ConfigDriveFacts) {
  const keys = facts.keys.map(({ name, publicKey }, index) => [
    String(index),
    { _name: `${index}=${name}`, 'openssh-key': publicKey },
  ])
  return {
    'ami-launch-index': facts.launchIndex,
    'instance-id': facts.id,
    'instance-action': 'none',
    hostname: facts.hostname,
    'local-hostname': facts.hostname,
    placement: { 'availability-zone': facts.availabilityZone },
    ...(keys.length === 0 ? {} : { 'public-keys': Object.fromEntries(keys) }),
  }
}
