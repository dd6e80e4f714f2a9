/** Constant scripts for files of a host. Every value is a parameter; input has a stated length, so that a cut one is noticed. */

/**
 * Reads: three parameters an operation (what, path, bytes). Each prints one line: base64 of what it found, a space and,
 * when it failed, the reason. Descriptor 3 carries the data past the reason. `nonblock`: a FIFO in the place of a file
 * would hold its reader for ever.
 */
export const readScript = `exec 4>&1
while [ $# -gt 0 ]; do
  operation=$1 path=$2 bytes=$3
  shift 3
  reason=$({
    case $operation in
    stat) stat -L --printf='%s %.3Y %f' -- "$path" ;;
    list) find "$path/" -mindepth 1 -maxdepth 1 -printf '%f\\0' ;;
    read) dd if="$path" bs=64K count=$((bytes + 1)) iflag=fullblock,nonblock,count_bytes status=none ;;
    tail)
      size=$(stat -L -c %s -- "$path") || exit
      [ "$size" -gt "$bytes" ] && skip=$((size - bytes)) || skip=0
      dd if="$path" bs=64K skip="$skip" count="$bytes" iflag=fullblock,nonblock,count_bytes,skip_bytes status=none ;;
    esac | base64 -w0 >&4
  } 2>&1)
  printf ' %s\\n' "\${reason##*: }"
done
`

/**
 * Whoever listened may be gone when a script has something to say; without this the signal would end it before it tidies up.
 */
const tidy = `trap '' PIPE
trap 'rm -f -- "$new"' EXIT`

/** openssl uses what the processor has for it, four times as fast as coreutils, but not every host has it. */
const digest = `if command -v openssl >/dev/null; then arrived=$(openssl dgst -sha256 -r <"$new"); else arrived=$(sha256sum <"$new"); fi`

/** Parameters: path, mode, bytes, yes when it must be on the disk. Standard input: the content. */
export const writeScript = `set -eu
path=$1 mode=$2 size=$3 durable=$4
new=\${path%/*}/.\${path##*/}.$$.tmp
${tidy}
[ "$durable" = yes ] && flags=excl,fsync || flags=excl
dd of="$new" bs=1M iflag=fullblock conv="$flags" status=none
arrived=$(stat -c %s -- "$new")
[ "$arrived" = "$size" ] || { echo "only $arrived of $size bytes arrived" >&2; exit 1; }
[ "$mode" = 600 ] || chmod -- "$mode" "$new"
mv -fT -- "$new" "$path"
trap - EXIT
[ "$durable" != yes ] || sync "\${path%/*}/"
`

/** Parameters: from, to. */
export const renameScript = `set -eu
mv -fT -- "$1" "$2"
sync "\${2%/*}/"
`

/**
 * Parameters: path, bytes. Standard input: the file. Prints the SHA-256 of what arrived, computed from where it was written
 * while that goes to the disk. Computed beside the arrival it would take what ssh needs on a host with two processors. A pipe
 * holds 64 KiB: larger blocks would leave the caches before they are written. An hour after a killed upload nobody is at its file.
 */
export const uploadScript = `set -eu
path=$1 size=$2
directory=\${path%/*}/ name=\${path##*/}
new=$directory.$name.$$.tmp
find "$directory" -mindepth 1 -maxdepth 1 -name ".$name.*.tmp" -mmin +60 -delete
${tidy}
dd of="$new" bs=64K iflag=fullblock conv=excl,sparse status=none
length=$(stat -c %s -- "$new")
[ "$length" = "$size" ] || { echo "only $length of $size bytes arrived" >&2; exit 1; }
sync "$new" &
${digest}
wait "$!"
chmod 400 -- "$new"
mv -fT -- "$new" "$path"
trap - EXIT
sync "$directory"
echo "\${arrived%% *}"
`

/** Parameter: path. Standard input: the file. Prints the SHA-256 of what arrived and where it is. */
export const streamScript = `set -eu
path=$1
directory=\${path%/*}/ name=\${path##*/}
new=$directory.$name.$$.tmp
find "$directory" -mindepth 1 -maxdepth 1 -name ".$name.*.tmp" -mmin +60 -delete
dd of="$new" bs=64K iflag=fullblock conv=excl,sparse,fsync status=none
${digest}
echo "\${arrived%% *}"
echo "$new"
`
