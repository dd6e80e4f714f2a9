// The programs that real suites work with; `npm test` and `npm run test:full` install what is missing.
export const testPrograms = [
  ...['qemu-system-x86_64', 'qemu-img', 'genisoimage'],
  ...['libvirtd', 'virsh', 'dnsmasq'],
  ...['ssh', 'sshd', 'sudo', 'socat', 'ip'],
  ...['systemd-notify', 'perl'],
  ...['strace', 'postgres', 'rabbitmq-server'],
]
