"""The values of SNMP (SMIv2, RFC 2578) as Python sees them."""

from enum import Enum, IntEnum
from typing import TypeAlias

from collector.smi.oid import Oid


class Tag(IntEnum):
    """The BER tags of SNMP's types and of its exceptions (RFC 3416, section 3)."""

    INTEGER = 0x02
    OCTET_STRING = 0x04
    NULL = 0x05
    OBJECT_IDENTIFIER = 0x06
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIMETICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    OPAQUE_FLOAT = 0x78  # inside an Opaque: net-snmp's 9f 78, 9f 79
    OPAQUE_DOUBLE = 0x79
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82


class Missing(Enum):
    """Why an OID has no value."""

    NO_SUCH_OBJECT = "noSuchObject"
    NO_SUCH_INSTANCE = "noSuchInstance"
    END_OF_MIB_VIEW = "endOfMibView"
    NO_ANSWER = "timeout"
    """every request that held this OID was lost, down to one that held it alone"""
    ERROR = "error"
    """the agent answered with an error-status (genErr, tooBig even alone, ...) or with a value that does not decode"""


Value: TypeAlias = int | float | bytes | str | Missing
"""int for the integer types, float for net-snmp's Opaque floats, bytes for OCTET STRING and other Opaque, str for
OBJECT IDENTIFIER ("1.3.6.1") and IpAddress ("10.0.0.1"), Missing where there is none."""

VarBind: TypeAlias = tuple[Oid, int, Value]
"""oid, the tag as it came, value."""
