# Reads one Linux or BSD server: fed to `sh -s` behind a line for each of
#   N           the caller's nonce, which begins every marker: what a file says cannot look like one
#   FS          types of local file systems, as alternatives of an extended regular expression
#   INFO        1: also what seldom changes; NEIGHBOURS 1: also who is on the other end of the cables
#   TOOLS       which of smartctl, ipmitool and dmidecode may be run
#   R           a folder that holds the files of a machine, in place of /
# It only reads, needs no root, and runs few programs: a fork costs more than what it reads. For dash, bash, ash of
# busybox, and the shells of the BSDs.
#
# A section is "N > NAME", its text and "N < STATUS", where STATUS is a number or "absent"; each marker has a line feed
# before it, as texts may end without one. "N . machine" and "N . tools" end the two parts. The shell reads this
# file from its standard input, so it is one function, called when all has come: half a script does nothing.

begin() { echo; echo "$N > $1"; }
finish() { echo; echo "$N < $1"; }

# section NAME COMMAND...
section() {
  begin "$1"
  shift
  "$@"
  finish $?
}

# tool NAME SECONDS COMMAND...: what may be missing, and may not let us in; as root where SUDO is set
tool() {
  begin "$1"
  if command -v "$3" >/dev/null; then
    seconds=$2
    shift 2
    limited "$seconds" $SUDO "$@" 2>&1
    finish $?
  else
    finish absent
  fi
}

# limited SECONDS COMMAND...
limited() {
  case $LIMIT in
    new) timeout -s KILL "$@" ;;
    old)
      seconds=$1
      shift
      timeout -t "$seconds" -s KILL "$@"
      ;;
    *)
      shift
      "$@"
      ;;
  esac
}

# busybox before 1.30 has its own idea of timeout
find_limit() {
  LIMIT=''
  command -v timeout >/dev/null || return
  LIMIT=new
  [ ! -e /bin/busybox ] || timeout -s KILL 5 true || LIMIT=old
}

find_sudo() {
  [ "$(id -u)" = 0 ] && return
  if command -v sudo >/dev/null; then SUDO='sudo -n'; elif command -v doas >/dev/null; then SUDO='doas -n'; fi
}

# `plain` is what /proc/mounts wrote with octal escapes
unescape() {
  plain=''
  rest=$1
  while :; do
    case $rest in
      *\\*) ;;
      *) break ;;
    esac
    plain=$plain${rest%%\\*}
    rest=${rest#*\\}
    case $rest in
      011*) plain="$plain	" ;;
      012*) plain=$plain$NL ;;
      040*) plain="$plain " ;;
      043*) plain="$plain#" ;;
      134*) plain=$plain\\ ;;
      *)
        plain=$plain\\
        continue
        ;;
    esac
    rest=${rest#???}
  done
  plain=$plain$rest
}

# df of local file systems alone, each device where it is first: asking after a dead server's never returns
file_systems() {
  mounts=$(grep -sE "^[^ ]+ [^ ]+ ($FS) " proc/mounts)
  seen=' '
  set -f
  IFS=$NL
  set --
  for line in $mounts; do
    device=${line%% *}
    line=${line#* }
    case $device in /dev/loop*) continue ;; esac
    case $seen in *" $device "*) continue ;; esac
    seen="$seen$device "
    unescape "${line%% *}"
    set -- "$@" "$plain"
  done
  IFS=$BLANKS
  set +f
  [ $# = 0 ] || limited 5 df -Pk -- "$@"
}

# a line "PATH:content" for each of many small files: one program, unless there are more names than a command line takes
files() {
  of_interface='ifindex flags operstate carrier speed duplex'
  [ -z "$INFO" ] || of_interface="$of_interface mtu address ifalias type"
  net=sys/class/net hwmon=sys/class/hwmon zone=sys/class/thermal/thermal_zone id=sys/class/dmi/id kernel=proc/sys/kernel
  set -- $net/*/ifindex
  interfaces=$#
  set -- proc/stat proc/meminfo proc/uptime proc/loadavg proc/net/dev proc/diskstats $hwmon/*/name \
    $hwmon/*/*_input $hwmon/*/*_average $hwmon/*/*_label $hwmon/*/*_fault $zone*/type $zone*/temp
  [ -z "$INFO" ] || set -- "$@" etc/os-release usr/lib/os-release $kernel/hostname $kernel/ostype $kernel/osrelease \
    $kernel/version $id/sys_vendor $id/product_name $id/product_serial proc/device-tree/model
  if [ $interfaces -le 500 ]; then
    for file in $of_interface; do set -- "$@" $net/*/"$file"; done
    grep -aHs '' "$@"
  else
    grep -aHs '' "$@"
    for file in $of_interface; do grep -aHs '' $net/*/"$file"; done
  fi
}

processes() {
  set -- proc/[0-9]*
  [ ! -d "$1" ] || echo $#
}

linux() {
  cd "$R/" || return
  section files files
  section processes processes
  section df file_systems
  [ -z "$INFO" ] || tool ip 5 ip -j -d link
}

bsd() {
  names='kern.boottime kern.cp_time vm.loadavg hw.ncpu hw.physmem hw.pagesize'
  about='kern.ostype kern.osrelease kern.hostname kern.version hw.model hw.machine'
  case $OS in
    FreeBSD | DragonFly)
      names="$names kern.cp_times vm.stats.vm vfs.bufspace kstat.zfs.misc.arcstats.size dev.cpu hw.acpi.thermal"
      section netstat wide_netstat
      section swap limited 5 swapinfo -k
      ;;
    *)
      names="$names hw.physmem64 hw.sensors"
      about="$about hw.vendor hw.product hw.serialno machdep.dmi"
      section netstat netstat -in
      section netstat-bytes netstat -ibn
      section vmstat vmstat -s
      section swap limited 5 swapctl -lk
      ;;
  esac
  [ -z "$INFO" ] || names="$names $about"
  section sysctl sysctl $names
  section now date +%s
  section ifconfig ifconfig -a
  section df limited 5 df -Pkl
  section ps ps -axo pid=
  [ -n "$INFO" ] && command -v kenv >/dev/null || return
  for name in maker product serial; do section "kenv $name" kenv smbios.system.$name; done
}

# without -W long names are cut off, which not all know
wide_netstat() { netstat -ibdnW || netstat -ibdn; }

routing() {
  command -v vtysh >/dev/null || return
  tool bgp 5 vtysh -c 'show bgp summary json'
  tool ospf 5 vtysh -c 'show ip ospf neighbor json'
}

# sleeping disks are left asleep
disks() {
  begin smartctl
  disks=$(limited 10 $SUDO smartctl --scan 2>&1)
  status=$?
  echo "$disks"
  finish $status
  count=0
  set -f
  IFS=$NL
  for line in $disks; do
    IFS=$BLANKS
    set -- $line
    case "$1 $2" in "/dev/"*" -d") ;; *) continue ;; esac
    count=$((count + 1))
    [ $count -le 64 ] || break
    tool "smartctl $1 $3" 20 smartctl -j -i -H -A -n standby -d "$3" "$1"
  done
  IFS=$BLANKS
  set +f
}

tools() {
  find_sudo
  for name in $TOOLS; do
    if command -v "$name" >/dev/null; then
      case $name in
        dmidecode) tool dmidecode 10 dmidecode -t 1,3,17,39 ;;
        ipmitool)
          tool ipmitool 20 ipmitool sdr elist
          tool 'ipmitool chassis' 10 ipmitool chassis status
          ;;
        smartctl) disks ;;
      esac
    else
      begin "$name"
      finish absent
    fi
  done
}

main() {
  PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TZ=UTC0
  export PATH LC_ALL TZ
  NL='
'
  BLANKS="$NL	 "
  IFS=$BLANKS
  find_limit
  SUDO=''
  OS=''
  [ ! -r "$R/proc/sys/kernel/ostype" ] || read -r OS <"$R/proc/sys/kernel/ostype"
  [ -n "$OS" ] || OS=$(uname -s)
  begin os
  echo "$OS"
  finish 0
  case $OS in
    *BSD | DragonFly) bsd ;;
    *) linux ;;
  esac
  routing
  [ -z "$NEIGHBOURS" ] || tool lldp 5 lldpctl -f json
  echo
  echo "$N . machine"
  [ -z "$TOOLS" ] || [ -z "$INFO" ] || tools
  echo
  echo "$N . tools"
}

main </dev/null 2>/dev/null
