"""Captures without secrets."""

import pytest

from collector.smi.oid import decode, encode
from collector.smi.redact import redact
from collector.smi.value import Tag, Value, VarBind

SYS_NAME = "1.3.6.1.2.1.1.5.0"
IF_PHYS_ADDRESS = "1.3.6.1.2.1.2.2.1.6.1"


def varbind(oid: str, value: Value, tag: int = Tag.OCTET_STRING) -> VarBind:
    return encode(oid), tag, value


@pytest.mark.parametrize(
    "oid",
    [
        "1.3.6.1.6.3.18.1.1.1.2.1",  # snmpCommunityName
        "1.3.6.1.6.3.15.1.2.2.1.3.5.1.1.1.1.1.4.114.111.111.116",  # usmUserSecurityName
        "1.3.6.1.6.3.16.1.2.1.3.2.6.112.117.98.108.105.99",  # vacmGroupName: its index is the community
        "1.3.6.1.6.3.12.1.3.1.4.1",  # snmpTargetParamsSecurityName
        "1.3.6.1.2.1.47.1.2.1.1.4.1",  # entLogicalCommunity
        "1.3.6.1.2.1.25.4.2.1.5.99",  # hrSWRunParameters
        "1.3.6.1.4.1.8072.1.3.2.3.1.1.4.116.101.115.116",  # nsExtendOutput1Line
        "1.3.6.1.4.1.9.9.96.1.1.1.1.8.1",  # ccCopyUserPassword
    ],
)
def test_tables_of_secrets_are_left_out(oid: str) -> None:
    kept = varbind(SYS_NAME, b"router")
    assert redact([varbind(oid, b"public"), kept]) == [kept]


def test_neighbours_of_secret_tables_stay() -> None:
    kept = [varbind("1.3.6.1.6.3.15.1.1.1.0", 5, Tag.COUNTER32), varbind("1.3.6.1.2.1.25.4.2.1.2.99", b"sshd")]
    assert redact(kept) == kept


def test_a_text_with_a_secret_in_use_is_replaced() -> None:
    found = redact([varbind(SYS_NAME, b"my s3cret name"), varbind(IF_PHYS_ADDRESS, b"other")], ["s3cret", ""])
    assert [value for _, _, value in found] == [b"<redacted>", b"other"]


def test_pseudonyms_are_steady_and_depend_on_the_key() -> None:
    originals = [
        varbind(SYS_NAME, b"core-1"),
        varbind(IF_PHYS_ADDRESS, bytes.fromhex("001b213a4f82")),
        varbind("1.3.6.1.2.1.47.1.1.1.1.11.1", b"FOC1234X5YZ"),
        varbind("1.3.6.1.4.1.9.1.0", "192.0.2.7", Tag.IP_ADDRESS),
    ]
    first, again, other = (redact(originals, pseudonym_key=key) for key in (b"a", b"a", b"b"))
    assert first == again
    for original, one, two in zip(originals, first, other, strict=True):
        assert one[:2] == original[:2]
        assert len({str(original[2]), str(one[2]), str(two[2])}) == 3
    mac = first[1][2]
    assert isinstance(mac, bytes)
    assert (mac[:3], len(mac)) == (bytes.fromhex("001b21"), 6)


def test_pseudonyms_leave_out_tables_with_addresses_in_their_indices() -> None:
    arp = varbind("1.3.6.1.2.1.4.22.1.2.1.10.0.0.1", bytes(6))
    plain = varbind("1.3.6.1.2.1.2.2.1.2.1", b"eth0")
    assert redact([arp, plain], pseudonym_key=b"k") == [plain]
    assert redact([arp, plain]) == [arp, plain]
    assert decode(arp[0]).endswith("10.0.0.1")
