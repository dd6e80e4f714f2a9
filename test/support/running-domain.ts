/** What libvirt prints of a running guest, shortened. */
const id = '11111111-2222-4333-8444-555555555555'
const own = `/var/lib/nova/${id}`

export const runningDomain = `<domain type='qemu'>
  <name>nova-${id}</name>
  <uuid>${id}</uuid>
  <title>/var/lib/nova/ is only a name</title>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <kernel>/var/lib/nova/_base/aaaa</kernel>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='${own}/disk'/>
      <backingStore type='file'>
        <format type='raw'/>
        <source file='/var/lib/nova/_base/bbbb'/>
        <backingStore/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${own}/disk.config'/>
      <target dev='vdb' bus='virtio'/>
      <readonly/>
    </disk>
    <disk type='block' device='disk'>
      <source dev='/dev/disk/by-path/volume-1'/>
      <target dev='vdc' bus='virtio'/>
    </disk>
    <interface type='bridge'>
      <mac address='fa:16:3e:00:00:77'/>
      <source bridge='br-ex'/>
      <model type='virtio'/>
    </interface>
    <serial type='unix'>
      <source mode='bind' path='${own}/serial.sock'/>
      <log file='${own}/console.log' append='on'/>
      <target type='isa-serial' port='0'/>
    </serial>
    <graphics type='vnc' port='-1' autoport='yes' listen='10.0.0.1'>
      <listen type='address' address='10.0.0.1'/>
    </graphics>
  </devices>
</domain>
`
