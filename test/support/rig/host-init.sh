#!/bin/bash
# PID 1 of one hypervisor host of the rig (rig-host.ts): private directories, then sshd and, when asked, libvirtd.
# Arguments: the host's directory, its name, a directory that all hosts share, `libvirt` or `plain`.
set -e
directory=$1 name=$2 shared=$3 kind=$4
export HOME=/root PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8
hostname "$name"
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/lock /run/libvirt
for pair in lib-nova:/var/lib/nova shared:/var/lib/nova-shared rootssh:/root/.ssh; do
  [ "$pair" = shared:/var/lib/nova-shared ] && source=$shared || source=$directory/${pair%%:*}
  mkdir -p "$source" "${pair#*:}"
  mount --bind "$source" "${pair#*:}"
done
# KVM is masked by a read-only regular file. /dev/null in its place would be writable, and libvirt would ask QEMU
# for its capabilities again at every call.
if [ -e /dev/kvm ]; then
  : >"$directory/nokvm"
  mount --bind "$directory/nokvm" /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi
# Programs that a test puts in the place of the real ones.
mkdir -p "$directory/bin"
mount --bind "$directory/bin" /usr/local/bin
# sshd runs `bash -c`, which reads .bashrc: a developer's lines there are no part of a host.
for file in /root/.bashrc /root/.profile; do
  if [ -e "$file" ]; then mount --bind /dev/null "$file"; fi
done
# Without these every lookup of a name waits for a resolver that nobody reaches.
mount --bind "$directory/hosts" /etc/hosts
: >"$directory/resolv.conf"
mount --bind "$directory/resolv.conf" /etc/resolv.conf
/usr/sbin/sshd -f "$directory/sshd_config" -E "$directory/sshd.log"
if [ "$kind" = libvirt ]; then
  for pair in etc-libvirt:/etc/libvirt lib-libvirt:/var/lib/libvirt log-libvirt:/var/log/libvirt cache-libvirt:/var/cache/libvirt; do
    mkdir -p "$directory/${pair%%:*}" "${pair#*:}"
    mount --bind "$directory/${pair%%:*}" "${pair#*:}"
  done
  # virtlogd does not make it for the first domain.
  mkdir -p /var/lib/libvirt/images /var/log/libvirt/qemu
  # `ip netns exec` mounted a new /sys, which hides the cgroups: again, now rooted in the host's own.
  if mount -t tmpfs cgroup /sys/fs/cgroup 2>/dev/null; then
    for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
      mkdir -p "/sys/fs/cgroup/$controller"
      mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null || rmdir "/sys/fs/cgroup/$controller"
    done
  fi
  /usr/sbin/virtlogd -d
  /usr/sbin/libvirtd -d --listen
fi
touch "$directory/ready"
# PID 1 reaps what its children leave behind.
while :; do sleep 3600 & wait $! || true; done
