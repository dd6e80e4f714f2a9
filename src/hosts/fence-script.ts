/** The script behind fenced-host.ts: constant text; every value is a positional parameter, standard input is the operation's. */

/** Exit code for a lower epoch (EX_TEMPFAIL), together with a line on stderr. */
export const fencedOut = 75
/** Exit code when the lock was not free in time, together with a line on stderr. */
export const fenceBusy = 74

/**
 * Parameters: fence file, epoch, seconds to wait, operation, its arguments. The operation `batch` is several of them, up to
 * the first that fails: each is its name, the bytes of standard input that are its own (`none` for no input), how many
 * arguments it has, and those. What is evaluated holds nothing but names, numbers and positions. A command of `try` may end
 * with 1. What `unless` leaves out is told on stderr.
 * Descriptor 9 holds the lock and is closed for the operation: a program that stays (QEMU) must not keep it.
 */
export const fenceScript = `set -eu
umask 077
fence=$1 epoch=$2 wait=$3 operation=$4
shift 4
[ -d "\${fence%/*}" ] || mkdir -p "\${fence%/*}"
exec 9>>"$fence.lock"
flock -w "$wait" 9 || { echo 'fence: busy' >&2; exit ${fenceBusy}; }
newest=0
[ ! -e "$fence.epoch" ] || read -r newest <"$fence.epoch"
if [ "$epoch" -lt "$newest" ]; then
  echo "fence: epoch $newest was here" >&2
  exit ${fencedOut}
fi
if [ "$epoch" -gt "$newest" ]; then
  echo "$epoch" >"$fence.new"
  sync "$fence.new"
  mv -f "$fence.new" "$fence.epoch"
  sync "\${fence%/*}"
fi
perform() {
  operation=$1 bytes=$2
  shift 2
  case $operation in
  try) "$@" </dev/null 9>&- || [ $? = 1 ] ;;
  unless) [ ! -e "$1" ] || skip=$2 ;;
  run)
    case $bytes in
    all) "$@" 9>&- ;;
    none) "$@" </dev/null 9>&- ;;
    *) dd bs=64K count="$bytes" iflag=fullblock,count_bytes status=none 9>&- | "$@" 9>&- ;;
    esac ;;
  mkdir) mkdir -p -- "$1" 9>&- ;;
  remove) rm -rf -- "$1" 9>&- ;;
  rename)
    mv -fT -- "$1" "$2" 9>&-
    sync "\${2%/*}" ;;
  write)
    new=$1.$epoch.$$.new
    dd of="$new" bs=1M count="$3" iflag=fullblock,count_bytes conv=excl,fsync status=none 9>&-
    # A connection that breaks ends the input as if it were complete.
    [ "$(stat -c %s -- "$new")" = "$3" ] || { rm -f -- "$new"; echo "fence: only a part of $1 arrived" >&2; exit 1; }
    [ "$2" = 600 ] || chmod -- "$2" "$new"
    mv -fT -- "$new" "$1"
    sync "\${1%/*}" ;;
  esac
}
if [ "$operation" != batch ]; then
  perform "$operation" all "$@"
  exit
fi
number=0 skip=0
trap 'echo "fence: operation $number" >&2' EXIT
while [ $# -gt 0 ]; do
  words=$3 index=3 call="perform $1 $2"
  while [ $((index - 3)) -lt "$words" ]; do
    index=$((index + 1)) call="$call \\"\\\${$index}\\""
  done
  if [ "$skip" = 0 ]; then
    eval "$call"
  else
    skip=$((skip - 1))
    echo "fence: skipped $number" >&2
  fi
  shift "$index"
  number=$((number + 1))
done
trap - EXIT
`
