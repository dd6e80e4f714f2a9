/** Constant scripts of survey.ts and tidy.ts. Every value is a parameter. */

/**
 * Parameters: instances directory, `deep` or nothing. Prints rows that end with NUL, their columns apart by tabs. Disks come
 * before names: a base that is seen in a disk was there before the names are listed.
 */
export const surveyScript = `set -u
printf 'time\\t%s\\0' "$(date +%s.%N)"
cd -- "$1" 2>/dev/null || exit 0
for disk in */disk */disk.rescue .lost/*/disk .lost/*/disk.rescue; do
  [ ! -f "$disk" ] || [ -L "$disk" ] || printf 'disk\\t%s\\t%s\\0' "$(head -c 4096 -- "$disk" | base64 -w0)" "$disk"
done
printf 'named\\t%s\\0' "$(grep -sHoE '"digest": *"[0-9a-f]{64}"' */guest.json .lost/*/guest.json)"
find . -mindepth 1 -maxdepth 2 -printf 'entry\\t%y\\t%s\\t%T@\\t%l\\t%P\\0' 2>/dev/null
[ "$2" != deep ] || [ ! -d _base ] || printf 'sums\\t%s\\0' "$(
  cd _base && find . -maxdepth 1 -type f -regextype posix-extended -regex '\\./[0-9a-f]{64}' -exec nice -n 19 sha256sum {} +
)"
exit 0
`

/**
 * Parameters: instances directory, then four words an order: what, path, owner, least age in minutes. Prints the path of each
 * order that was carried out, ended by NUL. What a process names in its command line is in use.
 */
export const tidyScript = `set -u
root=$1
shift
cd -- "$root" || exit
in_use() { printf '%s' "$root/$1/" | grep -qsaF -f - /proc/[0-9]*/cmdline; }
while [ $# -gt 0 ]; do
  what=$1 path=$2 owner=$3 minutes=$4
  shift 4
  case $what in
  keep)
    [ -e "$path" ] && ! in_use "$path" && mkdir -p .lost || continue
    mv -nT -- "$path" ".lost/$(printf '%s' "$path" | tr / _).$(date +%s%N)" && [ ! -e "$path" ] || continue ;;
  sweep)
    find "./$path" -maxdepth 0 -mmin "+$minutes" -exec rm -rf -- {} + 2>/dev/null
    [ ! -e "$path" ] || continue ;;
  release)
    [ "$(readlink -- "$path")" = "$owner" ] && [ ! -e "$owner" ] && rm -f -- "$path" || continue ;;
  unfence)
    [ ! -e "\${path##*/}" ] || continue
    (
      flock -n 9 || exit
      [ -z "$(find "./$path.epoch" -maxdepth 0 -mmin "-$minutes" 2>/dev/null)" ] || exit 1
      rm -f -- "$path.epoch" "$path.new" "$path.lock"
    ) 9>>"$path.lock" || continue ;;
  *) continue ;;
  esac
  printf '%s\\0' "$path"
done
exit 0
`
