"""What optional programs print: shapes from their manuals and sources, of made-up machines."""

LLDPCTL = """2026-11-22T08:00:00 [WARN/lldpctl] some warning {not JSON}
{
  "lldp": {
    "interface": [
      {"eth0": {
        "via": "LLDP", "rid": "1", "age": "12 days, 03:04:05",
        "chassis": {"sw-core-1": {
          "id": {"type": "mac", "value": "00:1b:21:aa:bb:cc"},
          "descr": "Vendor OS 1.2", "mgmt-ip": ["192.0.2.1", "2001:db8::1"],
          "capability": [{"type": "Bridge", "enabled": true}]
        }},
        "port": {"id": {"type": "ifname", "value": "Gi1/0/7"}, "descr": "server rack 3", "ttl": "120"}
      }},
      {"eth1": {
        "via": "CDPv2", "rid": "2", "age": "0 day, 00:00:10",
        "chassis": {"id": {"type": "local", "value": "phone"}, "descr": "A phone"},
        "port": {"id": {"type": "mac", "value": "00:11:22:33:44:55"}, "descr": "Port 1"}
      }},
      {"eth1": {"via": "LLDP", "chassis": {}, "port": {}}}
    ]
  }
}
"""
LLDPCTL_SINGLE = """{"lldp": {"interface": {"eno1": {"via": "LLDP", "chassis": {"leaf": {"id": {"value": "aa"}}},
 "port": {"id": {"type": "local", "value": "513"}, "descr": "xe-0/0/1"}}}}}"""

BGP = """{
"ipv4Unicast":{"routerId":"10.0.0.1","as":65001,"vrfName":"default","peers":{
 "10.0.0.2":{"hostname":"r2","remoteAs":65002,"localAs":65001,"version":4,"msgRcvd":100,"peerUptime":"01:02:03",
  "peerUptimeMsec":3723000,"peerUptimeEstablishedEpoch":1795300000,"pfxRcd":812,"pfxSnt":3,"state":"Established",
  "peerState":"OK","connectionsEstablished":1,"idType":"ipv4"},
 "10.0.0.3":{"remoteAs":4200000000,"peerUptime":"never","peerUptimeMsec":0,"pfxRcd":0,"state":"Idle (Admin)","idType":"ipv4"},
 "2001:db8::2":{"remoteAs":65002,"peerUptimeMsec":5000,"pfxRcd":1,"state":"Established","idType":"ipv6"},
 "eth5":{"remoteAs":65005,"peerUptimeMsec":5000,"pfxRcd":9,"state":"Active","idType":"interface"}},
 "totalPeers":4},
"ipv6Unicast":{"peers":{
 "2001:db8::2":{"remoteAs":65002,"peerUptimeMsec":6000,"pfxRcd":77,"state":"Established","idType":"ipv6"}}}
}
"""
OSPF = """{"neighbors":{
 "10.0.0.2":[{"nbrPriority":1,"nbrState":"Full/DR","converged":"Full","role":"DR","upTimeInMsec":86400500,
   "upTime":"1d00h00m","ifaceAddress":"192.0.2.2","ifaceName":"eth0:192.0.2.1"},
  {"nbrState":"2-Way/DROther","upTimeInMsec":1000,"ifaceAddress":"192.0.2.6","ifaceName":"eth1:192.0.2.5"}],
 "10.0.0.9":[{"nbrState":"ExStart/-","ifaceAddress":"192.0.2.9"}]}}
"""
OSPF_OLD = """{"10.0.0.2":[{"priority":1,"state":"Init/DROther","deadTimeMsecs":38000,"address":"192.0.2.2"}]}"""

IP_LINK = """[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"link_type":"loopback"},
{"ifindex":2,"ifname":"eth0","link_type":"ether","linkinfo":{"info_slave_kind":"bond"}},
{"ifindex":3,"ifname":"eth0.10","link":"eth0","linkinfo":{"info_kind":"vlan","info_data":{"id":10}}},
{"ifindex":4,"ifname":"br0","linkinfo":{"info_kind":"bridge"}},
{"ifindex":5,"ifname":"bond0","linkinfo":{"info_kind":"bond"}},
{"ifindex":6,"ifname":"wg0","link_type":"none","linkinfo":{"info_kind":"wireguard"}},
{"ifindex":7,"ifname":"gre1","link_type":"gre","linkinfo":{"info_kind":"gre"}},
{"ifindex":8,"ifname":"veth1","linkinfo":{"info_kind":"veth"}},{},null,7]
"""

SCAN = """/dev/sda -d sat # /dev/sda [SAT], ATA device
/dev/nvme0 -d nvme # /dev/nvme0, NVMe device
/dev/bus/0 -d megaraid,5 # /dev/bus/0 [megaraid_disk_05], SCSI device
# /dev/sr0 is no disk
"""
SMART_ATA = """{"json_format_version":[1,0],"smartctl":{"version":[7,3],"exit_status":0},
"device":{"name":"/dev/sda","info_name":"/dev/sda [SAT]","type":"sat","protocol":"ATA"},
"model_family":"Intel S4510/S4610/S4500/S4600 Series SSDs","model_name":"INTEL SSDSC2KB480G8",
"serial_number":"PHYF000000000000000","firmware_version":"XCV10132","smart_status":{"passed":true},
"ata_smart_attributes":{"revision":1,"table":[
 {"id":5,"name":"Reallocated_Sector_Ct","value":100,"raw":{"value":0}},
 {"id":194,"name":"Temperature_Celsius","value":100,"raw":{"value":27}},
 {"id":233,"name":"Media_Wearout_Indicator","value":97,"raw":{"value":0}}]},
"power_on_time":{"hours":30000},"temperature":{"current":27}}
"""
SMART_NVME = """{"smartctl":{"exit_status":8},"device":{"name":"/dev/nvme0","type":"nvme","protocol":"NVMe"},
"model_name":"SAMSUNG MZQLB960HAJR-00007","serial_number":"S437NX0M000000","firmware_version":"EDA5202Q",
"smart_status":{"passed":false,"nvme":{"value":4}},
"nvme_smart_health_information_log":{"critical_warning":4,"temperature":38,"available_spare":8,"percentage_used":104},
"temperature":{"current":38}}
"""
SMART_SCSI = """{"smartctl":{"exit_status":0},"device":{"name":"/dev/bus/0","type":"megaraid,5","protocol":"SCSI"},
"scsi_vendor":"SEAGATE","scsi_product":"ST600MM0088","scsi_model_name":"SEAGATE ST600MM0088","scsi_revision":"TT31",
"serial_number":"Z4000000","smart_status":{"passed":true},"temperature":{"current":0}}
"""
SMART_DENIED = """{"smartctl":{"version":[7,3],"messages":[
 {"string":"Smartctl open device: /dev/sda failed: Permission denied","severity":"error"}],"exit_status":2}}
"""
SMART_ASLEEP = """{"smartctl":{"messages":[{"string":"Device is in STANDBY mode, exit(2)","severity":"information"}],
"exit_status":2},"device":{"name":"/dev/sda","type":"sat"}}
"""

IPMI_SDR = """Inlet Temp       | 04h | ok  |  7.1 | 23 degrees C
Temp             | 01h | ok  |  3.1 | 45 degrees C
Temp             | 02h | ucr |  3.2 | 98 degrees C
Fan1             | 30h | lnc |  7.1 | 480 RPM
Fan2             | 31h | ns  |  7.1 | No Reading
12V              | 20h | ok  |  7.1 | 12.10 Volts
Current 1        | 6Ah | ok  | 10.1 | 0.40 Amps
Pwr Consumption  | 77h | ok  |  7.1 | 112 Watts
CUPS Util        | 78h | ok  |  7.1 | 35 percent
PS1 Status       | 85h | ok  | 10.1 | Presence detected
PS2 Status       | 86h | ok  | 10.2 | Presence detected, Power Supply AC lost
Fan Redundancy   | 75h | ok  |  7.1 | Fully Redundant
PS Redundancy    | 77h | ok  |  7.1 | Redundancy Lost
Drive 3          | A0h | ok  | 26.1 | Drive Present, Drive Fault
Intrusion        | 73h | ok  |  7.1 |
SEL              | 72h | ns  |  7.1 | Disabled
ECC Corr Err     | 01h | ns  | 34.1 | No Reading
"""
IPMI_CHASSIS = """System Power         : on
Power Overload       : false
Power Interlock      : inactive
Main Power Fault     : true
Power Control Fault  : false
Power Restore Policy : always-on
Last Power Event     :
Chassis Intrusion    : active
Front-Panel Lockout  : inactive
Drive Fault          : false
Cooling/Fan Fault    : false
"""

DMIDECODE = """# dmidecode 3.4
Getting SMBIOS data from sysfs.
SMBIOS 3.2.0 present.

Handle 0x0100, DMI type 1, 27 bytes
System Information
\tManufacturer: Dell Inc.
\tProduct Name: PowerEdge R640
\tVersion: Not Specified
\tSerial Number: ABC1234
\tUUID: 4c4c4544-0000-0000-0000-000000000000

Handle 0x0300, DMI type 3, 22 bytes
Chassis Information
\tManufacturer: Dell Inc.
\tType: Rack Mount Chassis
\tSerial Number: ABC1234
\tContained Elements: 0

Handle 0x1100, DMI type 17, 84 bytes
Memory Device
\tSize: 32 GB
\tLocator: A1
\tBank Locator: Not Specified
\tType: DDR4
\tType Detail: Synchronous Registered (Buffered)
\tSpeed: 2933 MT/s
\tManufacturer: 00AD00B300AD
\tSerial Number: 12345678
\tPart Number: HMA84GR7CJR4N-WM
\tFeatures:
\t\tLocator: nested

Handle 0x1101, DMI type 17, 84 bytes
Memory Device
\tSize: No Module Installed
\tLocator: A2

Handle 0x1102, DMI type 17, 84 bytes
Memory Device
\tSize: 16384 MB
\tLocator: DIMM 0
\tBank Locator: P0 CHANNEL B
\tSerial Number: Unknown
\tPart Number: NO DIMM

Handle 0x2700, DMI type 39, 22 bytes
System Power Supply
\tLocation: To Be Filled By O.E.M.
\tName: PWR SPLY,750W,RDNT
\tManufacturer: DELL
\tSerial Number: CNDED0000000000
\tModel Part Number: 0PJMDN
\tRevision: A01
\tMax Power Capacity: 750 W
\tStatus: Present, OK

Handle 0x2701, DMI type 39, 22 bytes
System Power Supply
\tLocation: PSU.Slot.2
\tStatus: Not Present

End Of Table
"""
