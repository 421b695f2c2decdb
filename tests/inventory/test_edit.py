from pathlib import Path

import pytest

from inventory import edit
from inventory.edit import EditError, add_hosts
from inventory.load import InventoryError, load

BEFORE = """\
# our network
[defaults]
ping = false   # the firewall drops echoes

[hosts.r1]
# in the cellar
address = "10.0.0.1"  # ask Lan
tags   = [ "a",  # why
           "b" ]

[sites.s]
name = "Bắc Sơn"

[hosts.r2]
address = "10.0.0.2"

# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.toml"
    path.write_text(BEFORE)
    path.chmod(0o640)
    return path


def test_new_hosts_go_behind_what_is_there(path: Path) -> None:
    add_hosts(
        path,
        {
            "r3": {"address": "10.0.0.3", "site": "s", "tags": ("x", "y"), "limits": {"sessions": 1}, "ping": True},
            "r4.example": {"address": 'a"b'.replace('"', "")},
        },
    )
    assert path.read_text() == BEFORE + (
        '\n[hosts.r3]\naddress = "10.0.0.3"\nsite = "s"\ntags = ["x", "y"]\nlimits = {sessions = 1}\nping = true\n'
        '\n[hosts."r4.example"]\naddress = "ab"\n'
    )
    assert load(path).hosts["r3"].limits.sessions == 1
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in path.parent.iterdir()] == ["hosts.toml"]


def test_an_update_sets_its_keys_and_keeps_all_else(path: Path) -> None:
    add_hosts(path, {"r1": {"address": "10.9.9.9", "family": "cisco-ios"}, "r5": {"address": "h"}}, update=True)
    text = path.read_text()
    assert text.startswith(BEFORE[: BEFORE.index("[hosts.r1]")])
    assert 'address = "10.9.9.9"  # ask Lan\n' in text
    for line in BEFORE.splitlines():
        assert line in text or "10.0.0.1" in line
    hosts = load(path).hosts
    assert (hosts["r1"].address, hosts["r1"].family, hosts["r1"].tags) == ("10.9.9.9", "cisco-ios", ("a", "b"))
    assert (hosts["r2"].address, hosts["r5"].address) == ("10.0.0.2", "h")


def test_nothing_is_overwritten_silently(path: Path) -> None:
    with pytest.raises(EditError, match=r"hosts\.toml: there already: r1, r2$"):
        add_hosts(path, {"r2": {"address": "h2"}, "r1": {"address": "h"}, "new": {"address": "h3"}})
    assert path.read_text() == BEFORE


def test_an_update_that_changes_nothing_writes_nothing(path: Path) -> None:
    inode = path.stat().st_ino
    add_hosts(path, {"r1": {"address": "10.0.0.1"}}, update=True)
    assert path.stat().st_ino == inode


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"address": "10.0.0.2"},
            '{path}:20: hosts.n.address: found "10.0.0.2" port 161, which host "r2" ({path}) is already',
        ),
        ({"address": "h", "role": "router"}, '{path}:21: hosts.n.role: found "router", allowed: server'),
        ({"address": "h", "colour": 1}, "{path}:21: hosts.n.colour: unknown key"),
    ],
)
def test_only_what_loads_is_written(path: Path, keys: dict[str, object], said: str) -> None:
    with pytest.raises(InventoryError) as caught:
        add_hosts(path, {"n": keys})
    assert str(caught.value).startswith(said.replace("{path}", str(path)))
    assert path.read_text() == BEFORE
    assert [file.name for file in path.parent.iterdir()] == ["hosts.toml"]


def test_a_host_of_an_included_file_is_changed_there(path: Path) -> None:
    (path.parent / "h.csv").write_text("name,address\nc1,10.0.0.9\n")
    path.write_text('include = ["h.csv"]\n')
    with pytest.raises(EditError, match="c1 stands in an included file: change it there"):
        add_hosts(path, {"c1": {"role": "switch"}}, update=True)


def test_a_change_by_somebody_else_is_not_undone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*_: object) -> None:
        path.write_text(BEFORE + "# mine\n")

    monkeypatch.setattr(edit, "_check", meanwhile)
    with pytest.raises(EditError, match="somebody else changed it meanwhile"):
        add_hosts(path, {"r3": {"address": "h"}})
    assert path.read_text() == BEFORE + "# mine\n"


def test_line_ends_and_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_bytes(b'[hosts.r1]\r\naddress = "h"')
    link = tmp_path / "hosts.toml"
    link.symlink_to(real)
    add_hosts(link, {"r2": {"address": "h2"}})
    assert link.is_symlink()
    assert real.read_bytes() == b'[hosts.r1]\r\naddress = "h"\r\n\r\n[hosts.r2]\r\naddress = "h2"\r\n'


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").touch()
    add_hosts(tmp_path / "hosts.toml", {"Máy 1": {"address": "h"}})
    assert (tmp_path / "hosts.toml").read_text() == '[hosts."Máy 1"]\naddress = "h"\n'
