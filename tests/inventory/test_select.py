import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model import Community, Credential, DuckdbStore, Host, Inventory, Secret, Settings, Site
from inventory.select import SelectionError, select

BAC_SON = Site(id="bs-1", name="UBND Bắc Sơn", district="Bắc Sơn", province="Lạng Sơn")
BAC_SON_DOWN = Site(id="bs-2", district="Bạc Sơn", province="Lạng Sơn")
DINH_LAP = Site(id="dl-1", district="Đình Lập", province="Lạng Sơn")
LAN = Credential(name="lan", snmp=Community(version="2c", community=Secret("env:A")))

HOSTS = (
    Host(name="ls-001", address="10.0.0.1", site=BAC_SON, role="bts-uplink", tags=("ring-1",), credentials=(LAN,)),
    Host(name="ls-002", address="10.0.0.2", site=BAC_SON_DOWN, role="bts-uplink", family="huawei-vrp"),
    Host(name="ls-003", address="10.0.0.3", site=DINH_LAP, role="switch", tags=("ring-1", "old")),
    Host(name="SRV-1", address="2001:db8::1", role="server"),
    Host(name="cam-1", address="10.0.0.5", role="camera", enabled=False),
)
INVENTORY = Inventory(
    settings=Settings(state_dir="/x"), store=DuckdbStore(path="/x/y"), hosts={host.name: host for host in HOSTS}
)
ENABLED = ["ls-001", "ls-002", "ls-003", "SRV-1"]


def names(*terms: str, **families: str) -> list[str]:
    return [host.name for host in select(INVENTORY, terms, {name.replace("_", "-"): f for name, f in families.items()})]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], ENABLED),
        (["ls-001"], ["ls-001"]),
        (["LS-001"], ["ls-001"]),
        (["ls-003", "ls-001"], ["ls-001", "ls-003"]),
        (["ls-*"], ["ls-001", "ls-002", "ls-003"]),
        (["ls-00[12]"], ["ls-001", "ls-002"]),
        (["srv-?", "ls-003"], ["ls-003", "SRV-1"]),
        (["10.0.0.2"], ["ls-002"]),
        (["2001:DB8::1"], ["SRV-1"]),
        (["role=bts-uplink"], ["ls-001", "ls-002"]),
        (["role=bts-uplink", "role=switch"], ["ls-001", "ls-002", "ls-003"]),
        (["role=bts-uplink", "tag=ring-1"], ["ls-001"]),
        (["ls-*", "tag=ring-1"], ["ls-001", "ls-003"]),
        (["site=bs-1"], ["ls-001"]),
        (["site=ubnd*"], ["ls-001"]),
        (["site="], ["SRV-1"]),
        (["district=bac son"], ["ls-001", "ls-002"]),
        (["district=Bắc Sơn"], ["ls-001"]),
        (["district=BẮC SƠN"], ["ls-001"]),
        (["district=Ba\u0306\u0301c Sơn"], ["ls-001"]),
        (["district=dinh*"], ["ls-003"]),
        (["province=lang son", "!district=dinh lap"], ["ls-001", "ls-002"]),
        (["family=huawei-*"], ["ls-002"]),
        (["credential=lan"], ["ls-001"]),
        (["!ls-*"], ["SRV-1"]),
        (["-ls-00[12]"], ["ls-003", "SRV-1"]),
        (["!role=camera"], ENABLED),
        (["cam-1"], ["cam-1"]),
        (["cam-1", "ls-001"], ["ls-001", "cam-1"]),
        (["*"], ENABLED),
    ],
)
def test_what_terms_mean(terms: list[str], expected: list[str]) -> None:
    assert names(*terms) == expected


def test_families_that_discovery_learnt() -> None:
    assert names("family=cisco-*", ls_001="cisco-ios", ls_002="cisco-ios") == ["ls-001"]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (["ls-01"], '"ls-01" matches no host; near: ls-001, ls-003, ls-002'),
        (["zzz"], '"zzz" matches no host'),
        (["district=Bak Son"], '"district=Bak Son" matches no host; near: Bạc Sơn'),
        (
            ["role=printer"],
            '"role=printer" matches no host; there is: bts-uplink, switch, server, camera',
        ),
        (
            ["rolle=switch"],
            '"rolle=switch": unknown key "rolle", allowed: role, site, district, province, tag, family, credential',
        ),
        (["!"], '"!" names nothing; allowed: a name, a pattern, or key=value'),
        (["!nothing"], '"!nothing" matches no host'),
        (["role=camera"], "no enabled host matches role=camera; disabled: cam-1"),
        (["role=switch", "site=bs-1"], "no enabled host matches role=switch site=bs-1"),
    ],
)
def test_a_selection_of_nothing_says_why(terms: list[str], message: str) -> None:
    with pytest.raises(SelectionError) as caught:
        names(*terms)
    assert str(caught.value) == message


@given(st.lists(st.text(max_size=12), min_size=1, max_size=3))
def test_any_terms_select_or_say_why(terms: list[str]) -> None:
    try:
        selected = select(INVENTORY, terms)
    except SelectionError:
        return
    assert selected
