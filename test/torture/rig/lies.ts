/** Programs of a host that are slow or lie: each is a shell script in the program's place, which is `$REAL`. */

export interface Lie {
  readonly name: string
  readonly program: string
  readonly script: string
}

const all = [
  ['answers late', 'sleep 3; exec "$REAL" "$@"'],
  ['hangs', 'exec sleep 600'],
  ['says well and does nothing', 'exit 0'],
  ['does it and fails', '"$REAL" "$@"; exit 1'],
  ['fails without a word', 'exit 1'],
  ['is cut short', '"$REAL" "$@" | head -c 60'],
  ['talks nonsense', 'head -c 65536 /dev/urandom'],
  ['floods', 'yes | head -c 50000000'],
  ['dies of a signal', 'kill -9 $$'],
] as const

const of = (program: string, scripts: readonly (readonly [string, string])[]): Lie[] =>
  scripts.map(([name, script]) => ({ name, program, script }))

/** One file of a line or more that a program prints, for a monitor that nobody can understand. */
const babbling = `exec socat UNIX-LISTEN:qmp.sock,fork 'SYSTEM:head -c 70000 /dev/urandom'`
const pausing = `exec bash -c 'real=$1; shift; exec "$real" "\${@/start /start --paused }"' pause "$REAL" "$@"`

export const liesOf: Readonly<Record<'qemu' | 'libvirt', readonly Lie[]>> = {
  qemu: [
    ...of('qemu-img', all),
    ...of('genisoimage', all),
    ...of('qemu-system-x86_64', all),
    ...of('qemu-system-x86_64', [
      ['starts it paused', 'exec "$REAL" "$@" -S'],
      ['has a monitor that babbles', babbling],
    ]),
  ],
  libvirt: [
    ...of('qemu-img', all),
    ...of('virsh', all),
    ...of('virsh', [
      ['only says that it changes', 'case "$*" in *define*|*"start "*|*destroy*|*shutdown*) exit 0;; esac; exec "$REAL" "$@"'],
      ['starts it paused', pausing],
    ]),
  ],
}
