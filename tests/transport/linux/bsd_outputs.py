"""What the programs of the BSDs print, as their manuals and sources have it."""

# sysctl(8) writes the further lines of kern.version as they are
FREEBSD_SYSCTL = """kern.boottime: { sec = 1795300000, usec = 301217 } Sat Nov 21 22:26:40 2026
kern.cp_time: 3000 20 1500 80 95400
vm.loadavg: { 0.27 0.32 0.30 }
hw.ncpu: 2
hw.physmem: 8589934592
hw.pagesize: 4096
kern.cp_times: 1000 10 500 40 48450 2000 10 1000 40 46950
vm.stats.vm.v_page_count: 2035000
vm.stats.vm.v_cache_count: 0
vm.stats.vm.v_laundry_count: 1000
vm.stats.vm.v_inactive_count: 250000
vm.stats.vm.v_active_count: 150000
vm.stats.vm.v_wire_count: 600000
vm.stats.vm.v_free_count: 1000000
vfs.bufspace: 104857600
kstat.zfs.misc.arcstats.size: 1073741824
dev.cpu.1.temperature: 46.0C
dev.cpu.1.freq_levels: 2400/53000 2300/50000
dev.cpu.0.temperature: 45.0C
dev.cpu.0.%desc: ACPI CPU
dev.cpu.%parent:
hw.acpi.thermal.tz0.temperature: 27.9C
hw.acpi.thermal.tz0._CRT: 105.1C
kern.ostype: FreeBSD
kern.osrelease: 14.1-RELEASE-p5
kern.hostname: fw1.example.net
kern.version: FreeBSD 14.1-RELEASE-p5 GENERIC
hw.model: Intel(R) Xeon(R) CPU E-2236 @ 3.40GHz
hw.machine: amd64
"""
FREEBSD_NETSTAT = """Name           Mtu Network                      Address                        Ipkts Ierrs Idrop     Ibytes    Opkts Oerrs     Obytes  Coll  Drop
em0           1500 <Link#1>                     52:54:00:12:34:56           48292011     3     7 6543210987  9876543     1 1234567890     0     2
em0              - 192.0.2.0/24                 192.0.2.10                  48000000     -     - 6500000000  9800000     - 1200000000     -     -
em0              - fe80::%em0/64                fe80::5054:ff:fe12:3456%em0        0     -     -          0        4     -        308     -     -
igb1*         1500 <Link#2>                     52:54:00:12:34:57                  0     0     0          0        0     0          0     0     0
lo0          16384 <Link#3>                     lo0                           120000     0     0   24000000   120000     0   24000000     0     0
lo0              - 127.0.0.0/8                  127.0.0.1                     120000     -     -   24000000   120000     -   24000000     -     -
vlan_management  1500 <Link#4>                     52:54:00:12:34:56                11     0     0       1000       12     0       1100     0     0
tun_wg0       1420 <Link#5>                     tun_wg0                          500     0     0      50000      600     4      60000     0     0
"""
FREEBSD_IFCONFIG = """em0: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\tdescription: uplink to core: port 7
\toptions=48505bb<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING>
\tether 52:54:00:12:34:56
\tinet 192.0.2.10 netmask 0xffffff00 broadcast 192.0.2.255
\tinet6 fe80::5054:ff:fe12:3456%em0 prefixlen 64 scopeid 0x1
\tmedia: Ethernet autoselect (1000baseT <full-duplex>)
\tstatus: active
\tnd6 options=23<PERFORMNUD,ACCEPT_RTADV,AUTO_LINKLOCAL>
igb1: flags=8802<BROADCAST,SIMPLEX,MULTICAST> metric 0 mtu 1500
\tether 52:54:00:12:34:57
\tmedia: Ethernet autoselect
\tstatus: no carrier
lo0: flags=1008049<UP,LOOPBACK,RUNNING,MULTICAST,LOWER_UP> metric 0 mtu 16384
\tinet 127.0.0.1 netmask 0xff000000
\tgroups: lo
vlan_management: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
\tether 52:54:00:12:34:56
\tgroups: vlan
\tvlan: 10 vlanproto: 802.1q vlanpcp: 0 parent interface: em0
\tmedia: Ethernet autoselect (10Gbase-SR <full-duplex,rxpause,txpause>)
\tstatus: active
tun_wg0: flags=80c1<UP,RUNNING,NOARP,MULTICAST> metric 0 mtu 1420
\tgroups: wg
"""
FREEBSD_DF = """Filesystem         1024-blocks     Used     Avail Capacity  Mounted on
zroot/ROOT/default   100000000 25000000  75000000    25%    /
devfs                        1        1         0   100%    /dev
/dev/ada1p1            1000000   980000    -60000   107%    /data disk
tmpfs                  1000000       10    999990     0%    /tmp
/usr/ports           100000000 25000000  75000000    25%    /jail/usr/ports
"""
FREEBSD_SWAP = """Device          1K-blocks     Used    Avail Capacity
/dev/ada0p3       2097152   524288  1572864    25%
/dev/ada1p3       2097152        0  2097152     0%
Total             4194304   524288  3670016    12%
"""

OPENBSD_SYSCTL = """kern.boottime=Sat Nov 21 22:26:40 2026
kern.cp_time=1000,20,500,100,80,8300
vm.loadavg=0.10 0.20 0.30
hw.ncpu=4
hw.physmem=8567189504
hw.pagesize=4096
hw.sensors.cpu0.temp0=45.00 degC
hw.sensors.cpu0.frequency0=2400000000.00 Hz
hw.sensors.acpitz0.temp0=27.80 degC (zone temperature)
hw.sensors.it0.fan0=1200 RPM
hw.sensors.it0.volt0=1.23 VDC (VCORE_A)
hw.sensors.acpibat0.watthour3=38.48 Wh (remaining capacity), OK
hw.sensors.acpibat0.raw0=2 (battery discharging), OK
hw.sensors.upd0.percent0=100.00% (RemainingCapacity), OK
hw.sensors.upd0.indicator0=Off (ACPresent), CRITICAL
hw.sensors.softraid0.drive0=online (sd2), OK
hw.sensors.mfi0.drive1=degraded (sd3), WARNING
hw.sensors.mfi0.drive2=powering up (sd4), OK
hw.sensors.itherm0.humidity0=41.00%
hw.sensors.nmea0.timedelta0=-0.004 secs (GPS autonomous), OK, Sat Nov 21 22:26:40.004
kern.ostype=OpenBSD
kern.osrelease=7.5
kern.hostname=gw.example.net
kern.version=OpenBSD 7.5 (GENERIC.MP) #82: Wed Mar 20 15:48:40 MDT 2024
    deraadt@amd64.openbsd.org:/usr/src/sys/arch/amd64/compile/GENERIC.MP

hw.model=Intel(R) Atom(TM) CPU C3558 @ 2.20GHz
hw.machine=amd64
hw.vendor=Supermicro
hw.product=Super Server
hw.serialno=0123456789
"""
OPENBSD_NETSTAT = """Name    Mtu   Network     Address              Ipkts Ifail    Opkts Ofail Colls
lo0     32768 <Link>                            1000     0     1000     0     0
lo0     32768 127/8       127.0.0.1             1000     0     1000     0     0
em0     1500  <Link>      00:11:22:33:44:55 12345678     5  8765432     6     0
em0     1500  192.0.2/24  192.0.2.1         12345678     5  8765432     6     0
enc0*   0     <Link>                               0     0        0     0     0
vlan100 1500  <Link>      00:11:22:33:44:55      100     0      200     0     0
vlan100 1500  <Link>      00:11:22:33:44:55      300     0      400     0     0
carp_la 1500  <Link>      00:00:5e:00:01:01        7     0        8     0     0
"""
OPENBSD_NETSTAT_BYTES = """Name    Mtu   Network     Address              Ibytes     Obytes
lo0     32768 <Link>                           50000      50000
em0     1500  <Link>      00:11:22:33:44:55 9876543210 1234567890
carp_la 1500  <Link>      00:00:5e:00:01:01      700        800
"""
OPENBSD_IFCONFIG = """lo0: flags=2008049<UP,LOOPBACK,RUNNING,MULTICAST,LRO> mtu 32768
\tindex 3 priority 0 llprio 3
\tgroups: lo
em0: flags=808843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,AUTOCONF4> mtu 1500
\tlladdr 00:11:22:33:44:55
\tdescription: to the ISP
\tindex 1 priority 0 llprio 3
\tgroups: egress
\tmedia: Ethernet autoselect (1000baseT full-duplex,rxpause,txpause)
\tstatus: active
enc0: flags=0<>
\tindex 2 priority 0 llprio 3
\tgroups: enc
vlan1001: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tlladdr 00:11:22:33:44:55
\tindex 5 priority 0 llprio 3
\tencap: vnetid 1001 parent em0 txprio packet rxprio outer
\tgroups: vlan
\tmedia: Ethernet autoselect (1000baseT full-duplex)
\tstatus: active
vlan1002: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tlladdr 00:11:22:33:44:55
\tindex 6 priority 0 llprio 3
\tgroups: vlan
\tmedia: Ethernet autoselect (100baseTX half-duplex)
\tstatus: no carrier
carp_lan0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tlladdr 00:00:5e:00:01:01
\tindex 7 priority 15 llprio 3
\tstatus: backup
"""
OPENBSD_VMSTAT = """     4096 bytes per page
  2000000 pages managed
   900000 pages free
   300000 pages active
   500000 pages inactive
        0 pages being paged out
     1000 pages wired
  1200000 pages zeroed
        4 pages reserved for pagedaemon
   131072 swap pages
     4096 swap pages in use
 12345678 page faults
"""
OPENBSD_SWAP = """Device      1K-blocks     Used    Avail Capacity  Priority
/dev/sd0b      524288    16384   507904     3%    0
"""
OPENBSD_DF = """Filesystem  1024-blocks       Used   Available Capacity Mounted on
/dev/sd0a        1000000     400000      550000    43%    /
mfs:2345          100000        100       94900     1%    /tmp
"""

NETBSD_SYSCTL = """kern.boottime = Sat Nov 21 22:26:40 2026
kern.cp_time: user = 1000, nice = 20, sys = 500, intr = 80, idle = 8400
vm.loadavg: 0.11 0.22 0.33
hw.ncpu = 1
hw.physmem = 2147483648
hw.pagesize = 4096
hw.physmem64 = 2147483648
kern.ostype = NetBSD
kern.osrelease = 10.0
kern.hostname = nb
kern.version = NetBSD 10.0 (GENERIC) #0: Thu Mar 28 08:33:33 UTC 2024
        mkrepro@mkrepro.NetBSD.org:/usr/src/sys/arch/amd64/compile/GENERIC

hw.machine = amd64
machdep.dmi.system-vendor = HP
machdep.dmi.system-product = ProLiant MicroServer
machdep.dmi.system-serial = 5C7123456X
"""
NETBSD_NETSTAT = """Name  Mtu   Network       Address              Ipkts Ierrs    Opkts Oerrs Colls
wm0   1500  <Link>        08:00:27:aa:bb:cc  1234567     1   765432     2     0
wm0   1500  10.0.2/24     10.0.2.15          1234567     1   765432     2     0
lo0   33624 <Link>                               100     0      100     0     0
"""
NETBSD_NETSTAT_BYTES = """Name  Mtu   Network       Address              Ibytes     Obytes
wm0   1500  <Link>        08:00:27:aa:bb:cc 987654321  123456789
lo0   33624 <Link>                               9999       9999
"""
NETBSD_IFCONFIG = """wm0: flags=0x8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tcapabilities=0x7ff80<TSO4,IP4CSUM_Rx,IP4CSUM_Tx>
\tec_capabilities=0x17<VLAN_MTU,VLAN_HWTAGGING,JUMBO_MTU,EEE>
\taddress: 08:00:27:aa:bb:cc
\tmedia: Ethernet autoselect (1000baseT full-duplex)
\tstatus: active
\tinet 10.0.2.15/24 broadcast 10.0.2.255 flags 0
lo0: flags=0x8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 33624
\tstatus: active
\tinet 127.0.0.1/8 flags 0
"""
NETBSD_VMSTAT = """     4096 bytes per page
        8 page colors
   500000 pages managed
   100000 pages free
   200000 pages active
    50000 pages inactive
        0 pages paging
      100 pages wired
   120000 anonymous pages
   130000 cached file pages
     2000 cached executable pages
   131072 swap pages
        0 swap pages in use
"""
