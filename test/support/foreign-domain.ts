/** A domain as its owner wrote it, with everything that a rewrite would lose; it needs no operating system. */

export interface ForeignDomainText {
  readonly id: string
  readonly name: string
  readonly directory: string
}

export const foreignDomainXml = ({ id, name, directory }: ForeignDomainText) => `<domain type='qemu'
  xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>${name}</name>
  <uuid>${id}</uuid>
  <title>the old one &amp; only</title>
  <metadata><app:owner xmlns:app='http://example.org/app'>billing &lt;team&gt;</app:owner></metadata>
  <memory unit='MiB'>24</memory>
  <vcpu>1</vcpu>
  <sysinfo type='smbios'><system><entry name='serial'>SN-0042</entry></system></sysinfo>
  <os><type arch='x86_64' machine='pc'>hvm</type><smbios mode='sysinfo'/></os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source file='${directory}/${name}.img'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${directory}/${name}-extra.img'/>
      <target dev='sdx' bus='usb'/>
      <serial>EXTRA-7</serial>
    </disk>
    <controller type='usb' model='qemu-xhci'/>
    <interface type='bridge'>
      <mac address='52:54:00:0a:0b:0c'/>
      <source bridge='br-test'/>
      <model type='virtio'/>
    </interface>
    <serial type='unix'>
      <source mode='bind' path='${directory}/${name}.sock'/>
      <log file='${directory}/${name}.log' append='on'/>
      <target port='0'/>
    </serial>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='hidden'/>
    <video><model type='vga'/></video>
  </devices>
  <qemu:commandline><qemu:arg value='-name'/><qemu:arg value='debug-threads=on'/></qemu:commandline>
</domain>
`
