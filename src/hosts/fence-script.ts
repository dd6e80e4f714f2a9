/** The script behind fenced-host.ts: constant text; every value is a positional parameter, standard input is the operation's. */

/** Exit code for a lower epoch (EX_TEMPFAIL), together with a line on stderr. */
export const fencedOut = 75
/** Exit code when the lock was not free in time, together with a line on stderr. */
export const fenceBusy = 74

/**
 * Parameters: fence file, epoch, seconds to wait, operation, its arguments.
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
case $operation in
run) "$@" 9>&- ;;
mkdir) mkdir -p -- "$1" 9>&- ;;
remove) rm -rf -- "$1" 9>&- ;;
rename)
  mv -fT -- "$1" "$2" 9>&-
  sync "\${2%/*}" ;;
write)
  new=$1.$epoch.$$.new
  dd of="$new" bs=1M iflag=fullblock conv=excl,fsync status=none 9>&-
  # A connection that breaks ends the input as if it were complete.
  [ "$(stat -c %s -- "$new")" = "$3" ] || { rm -f -- "$new"; echo "fence: only a part of $1 arrived" >&2; exit 1; }
  [ "$2" = 600 ] || chmod -- "$2" "$new"
  mv -fT -- "$new" "$1"
  sync "\${1%/*}" ;;
esac
`
