/** What a host is asked before it is trusted with servers: one constant script, so that it costs one round trip. */

/** Parameter: the instances directory. Prints `name<tab>value` lines; a line that is missing was not found. */
export const preflightScript = `say() { printf '%s\\t%s\\n' "$1" "$(printf '%s' "$2" | tr '\\t\\n' '  ')"; }
version() { command -v "$1" >/dev/null && say "version.$1" "$("$@" 2>&1 | head -n 1)"; }
say begin now
say time "$(date +%s.%N)"
say user "$(id -un)"
say uid "$(id -u)"
say groups "$(id -Gn)"
say shell "$(getent passwd "$(id -un)" | cut -d: -f7)"
say sudo "$(sudo -n true 2>/dev/null && echo yes)"
say kernel "$(uname -sr)"
say machine "$(uname -m)"
say hostname "$(uname -n)"
asked=$(date +%s%N)
say address "$(timeout 5 getent ahosts "$(uname -n)" | head -n 1 | cut -d' ' -f1)"
say resolved "$((($(date +%s%N) - asked) / 1000000))"
say cpus "$(getconf _NPROCESSORS_ONLN)"
say cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
say virtualisation "$(grep -owE 'vmx|svm' /proc/cpuinfo | head -n 1)"
[ ! -e /dev/kvm ] || say kvm "$([ -r /dev/kvm ] && [ -w /dev/kvm ] && echo open || echo closed)"
say memory "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say available "$(sed -n 's/^MemAvailable: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say swap "$(sed -n 's/^SwapTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
path=$1
while [ ! -e "$path" ]; do path=\${path%/*}; path=\${path:-/}; done
say disk "$(df -B1 --output=size,avail -- "$path" | tail -n 1)"
say writable "$([ -w "$path" ] && echo yes)"
say apparmor "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)"
say selinux "$(cat /sys/fs/selinux/enforce 2>/dev/null)"
say label "$(stat -c %C -- "$path" 2>/dev/null)"
say helper "$(cat /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper /etc/apparmor.d/local/usr.lib.libvirt.virt-aa-helper 2>/dev/null |
  grep -cF " $1/")"
say controllers "$(cut -f1 /sys/fs/cgroup/cgroup.controllers /proc/cgroups 2>/dev/null)"
version qemu-system-x86_64 --version
version qemu-img --version
version virsh --version
version genisoimage --version
version dnsmasq --version
version flock --version
version sha256sum --version
version find --version
version socat -V
command -v virsh >/dev/null && say libvirtd "$(timeout 10 virsh -c qemu:///system version --daemon 2>&1 | tail -n 2 | head -n 1)"
say ended "$(date +%s.%N)"
exit 0
`
