"""`collector trust`: seeing host keys and pinning them, at a terminal and in scripts."""

import os
import pty
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
import pytest

from collector.cli import trust
from collector.runtime.trust import Shown
from collector.simulator.ssh.faults import CliFaults
from inventory.model import Host
from tests.cli.farm import EVIL
from tests.cli.gear import LOGIN, gear, router
from tests.cli.place import COLLECTOR, Place
from tests.servers import require_binary
from tests.transport.ssh.sshd import Sshd


@contextmanager
def terminal(place: Place, *arguments: str, answer: str) -> Iterator[tuple[int, str]]:
    """The exit code and the output of a command at a terminal of its own, where somebody answers its question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COLLECTOR, *arguments, "--config", str(place.config)],
        cwd=place.folder,
        env={**place._environment({}), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    output, ends = b"", time.monotonic() + 30
    try:
        while time.monotonic() < ends:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            before, output = output, output + chunk
            if b"[y/N]" in output and b"[y/N]" not in before:
                os.write(ours, answer.encode())
        yield process.wait(5), output.decode().replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_the_key_of_one_host_is_shown_and_pinned_after_a_yes(place: Place) -> None:
    with gear(place, {"r1": router(1)}) as it:
        with terminal(place, "trust", "r1", answer="\n") as (code, output):
            assert code == 1
            assert it.key("r1").fingerprint in output
            assert "Pin 1 new key? [y/N]" in output
            assert "not pinned: r1" in output
        assert not it.file.exists()
        with terminal(place, "trust", "r1", answer="y\n") as (code, output):
            assert code == 0, output
            assert f"1 key pinned in {it.file}" in output
        assert it.pinned("r1") == {it.key("r1")}
        with terminal(place, "trust", "r1", answer="") as (code, output):
            assert code == 0, "nothing is asked where all is pinned"
            assert "pinned" in output
        assert it.devices["r1"].logins == 0


def test_a_selection_is_asked_about_once(place: Place) -> None:
    devices = {f"r{number}": router(number) for number in range(1, 6)}
    with gear(place, devices) as it, terminal(place, "trust", "r*", answer="y\n") as (code, output):
        assert code == 0, output
        assert output.count("[y/N]") == 1
        assert "Pin 5 new keys?" in output
        for name in devices:
            assert it.key(name).fingerprint in output
            assert it.pinned(name) == {it.key(name)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["r1"], "standard input is no terminal to ask at: add --yes"),
        (["r1", "--json"], "--json asks no questions: add --yes, --show or --fingerprint"),
        (["r1", "--fingerprint", "MD5:aa:bb"], 'found "MD5:aa:bb", allowed: SHA256:'),
        (["r1", "r2", "--fingerprint", f"SHA256:{'A' * 43}"], "--fingerprint is of one host, and 2 are selected"),
        (["local"], "not asked by SSH, as they have no credentials for it: local"),
        (["nobody", "--yes"], '"nobody" matches no host'),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage(place: Place, arguments: list[str], said: str) -> None:
    table = '{{ address = "127.44.0.{}", transport = "ssh", credentials = ["cli"] }}'
    place.write(
        {"r1": table.format(1), "r2": table.format(2), "local": '{ transport = "local", credentials = [] }'}, more=LOGIN
    )
    if arguments == ["local"]:
        arguments = ["local", "--yes"]
    result = place.run("trust", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_scripts_pin_with_yes_and_look_with_show(place: Place) -> None:
    with gear(place, {"r1": router(1), "r2": router(2)}) as it:
        shown = it.states("*", "--show", code=1)
        assert {name: entry["state"] for name, entry in shown.items()} == {"r1": "new", "r2": "new"}
        assert shown["r1"]["fingerprint"] == it.key("r1").fingerprint
        assert shown["r1"]["key_type"] == "ssh-ed25519"
        assert not shown["r1"]["pinned"]
        assert not it.file.exists()
        assert all(entry["pinned"] for entry in it.states("*", "--yes").values())
        assert it.pinned("r2") == {it.key("r2")}
        before = it.file.read_bytes()
        assert {entry["state"] for entry in it.states("*", "--show").values()} == {"pinned"}
        it.trust("*", "--yes")
        assert it.file.read_bytes() == before


def test_a_fingerprint_pins_only_that_key(place: Place) -> None:
    with gear(place, {"r1": router(1)}) as it:
        other = f"SHA256:{'A' * 43}"
        output = it.trust("r1", "--fingerprint", other, code=1)
        assert f"r1 shows another key than {other}" in output
        assert not it.file.exists()
        it.trust("r1", "--fingerprint", it.key("r1").fingerprint)
        assert it.pinned("r1") == {it.key("r1")}
        it.trust("r1", "--fingerprint", it.key("r1").fingerprint + "=")
        it.trust("r1", "--fingerprint", other, code=1)


def test_a_changed_key_takes_replace(place: Place) -> None:
    with gear(place, {"r1": router(1), "r2": router(2)}) as it:
        it.trust("*", "--yes")
        old = it.key("r1")
        it.served.change_key(it.devices["r1"])
        new = it.key("r1")
        output = it.trust("*", "--yes", code=1)
        assert "CHANGED" in output
        assert old.fingerprint in output
        assert new.fingerprint in output
        assert "changed: find out why, then pin with --replace: r1" in output
        it.trust("r1", "--fingerprint", new.fingerprint, code=1)
        assert it.pinned("r1") == {old}
        with terminal(place, "trust", "r1", "--replace", answer="y\n") as (code, shown):
            assert code == 0, shown
            assert "Replace 1 changed key?" in shown
        assert it.pinned("r1") == {new}
        assert it.pinned("r2") == {it.key("r2")}
        assert len(it.file.read_text().splitlines()) == 2


def test_a_revoked_key_is_never_pinned(place: Place) -> None:
    with gear(place, {"r1": router(1)}) as it:
        it.trust("r1", "--yes")
        line = it.file.read_text()
        it.file.write_text("@revoked " + line.replace(line.split()[0], "*"))
        output = it.trust("r1", "--yes", "--replace", code=1)
        assert "REVOKED" in output
        assert "never pinned: r1" in output
        assert it.pinned("r1") == set()


def test_unreachable_hosts_say_why_and_cost_the_others_nothing(place: Place) -> None:
    devices = {
        "good": router(1),
        "dark": router(2, dark=True),
        "mute": router(3, faults=CliFaults(at_connect="silent")),
        "old": router(4, legacy=True),
    }
    with gear(place, devices) as it:
        place.config.write_text(
            place.config.read_text()
            + 'gone = { address = "127.44.0.99", ssh_port = 1, transport = "ssh", credentials = ["cli"] }\n'
        )
        states = it.states("*", "--yes", code=1)
        assert states["good"]["pinned"]
        assert {name: entry["state"] for name, entry in states.items() if name != "good"} == dict.fromkeys(
            ("dark", "mute", "old", "gone"), "unreachable"
        )
        assert "no answer from port" in states["dark"]["error"]
        assert "says nothing" in states["mute"]["error"]
        assert "refused" in states["gone"]["error"]
        assert "legacy_ssh = true" in states["old"]["hint"]
        output = it.trust("*", "--yes", code=1)
        assert "unreachable: dark, mute, old, gone" in output
        assert "legacy_ssh = true" in output


def test_hosts_with_one_key_are_told(place: Place) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with gear(place, {"r1": router(1, host_key=key), "r2": router(2, host_key=key), "r3": router(3)}) as it:
        assert "have the same key" not in it.trust("r1", "r3", "--yes")
        output = it.trust("r2", "--show", code=1)
        assert "r2, r1 have the same key" in output
        assert "r3" not in output


def test_behind_a_jump_host(place: Place) -> None:
    bastion = router(1, forwards=("127.44.0.2:*",))
    devices = {"bastion": bastion, "inside": router(2), "barred": router(3)}
    with gear(place, devices, dict.fromkeys(("inside", "barred"), "bastion")) as it:
        states = it.states("inside", "barred", "--yes", code=1)
        for entry in states.values():
            assert entry["error"].startswith("jump host bastion: its host key is not pinned: ssh-ed25519 SHA256:")
            assert entry["hint"].endswith("then: collector trust bastion")
        assert it.served.stats.connections == 1, "one look at the jump host is enough"
        assert bastion.logins == 0
        it.trust("bastion", "--yes")
        states = it.states("inside", "barred", "--yes", code=1)
        assert states["inside"]["pinned"], "what bars one host behind it does not bar the others"
        assert states["inside"]["jump"] == "bastion"
        assert "Administratively prohibited" in states["barred"]["error"]
        assert it.pinned("inside") == {it.key("inside")}
        assert bastion.logins == 1
        assert it.devices["inside"].logins == 0
        it.served.change_key(bastion)
        states = it.states("inside", "barred", "--show", code=1)
        for entry in states.values():
            assert entry["error"].startswith("jump host bastion: its host key has changed")
            assert "collector trust --replace bastion" in entry["hint"]


def test_a_jump_host_that_refuses_is_tried_once_for_all_behind_it(place: Place) -> None:
    bastion = router(1, forwards=("*",), password="another")
    devices = {"bastion": bastion, "r2": router(2), "r3": router(3), "r4": router(4)}
    with gear(place, devices, dict.fromkeys(("r2", "r3", "r4"), "bastion")) as it:
        it.trust("bastion", "--yes")
        states = it.states("r*", "--yes", code=1)
        assert {entry["error"].partition(":")[0] for entry in states.values()} == {"jump host bastion"}
        assert bastion.failed_logins == 1


def test_damaged_lines_of_the_file_are_told_and_kept(place: Place) -> None:
    with gear(place, {"r1": router(1)}) as it:
        it.trust("r1", "--yes")
        whole = it.file.read_text()
        it.file.write_text(f"# kept\nnonsense\n10.0.0.9 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n{whole}")
        output = it.trust("r1", "--yes")
        assert f"warning: {it.file}:2: no line of known_hosts" in output
        assert f"warning: {it.file}:3: no line of known_hosts" in output
        it.served.change_key(it.devices["r1"])
        it.trust("r1", "--yes", "--replace")
        assert it.file.read_text().startswith("# kept\nnonsense\n10.0.0.9 ")
        assert it.pinned("r1") == {it.key("r1")}


def test_what_a_device_says_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    host = Host(name="r1", address="127.44.0.1")
    trust._print_table([Shown(host=host, state="unreachable", error=EVIL, hint="look at it")])
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == 2
    assert "evil\\x1b]0;owned" in shown
    assert all(each.isprintable() for each in shown if each != "\n")


def test_many_hosts_at_once(place: Place) -> None:
    devices = {f"r{number}": router(number) for number in range(1, 61)}
    with gear(place, devices) as it:
        began = time.monotonic()
        output = it.trust("*", "--yes")
        assert time.monotonic() - began < 15
        assert f"60 keys pinned in {it.file}" in output
        assert all(it.pinned(name) == {it.key(name)} for name in devices)


def test_openssh_agrees(place: Place, sshd: Sshd) -> None:
    table = f'{{ address = "127.0.0.1", ssh_port = {sshd.port}, transport = "ssh", credentials = ["cli"] }}'
    place.write({"server": table}, more=LOGIN)
    file = place.state / "known_hosts"
    fingerprints = {
        kind: subprocess.run(
            [require_binary("ssh-keygen"), "-l", "-f", "-"], input=key, capture_output=True, text=True, check=True
        ).stdout.split()[1]
        for kind, key in sshd.host_keys.items()
    }
    wrong = place.run("trust", "server", "--fingerprint", fingerprints["ssh-rsa"])
    assert wrong.exit_code == 1
    assert "of a device with keys of several types that of its ssh-ed25519 is needed" in wrong.stderr
    assert place.run("trust", "server", "--fingerprint", fingerprints["ssh-ed25519"]).exit_code == 0
    assert file.read_text() == sshd.known_hosts("ssh-ed25519")
    client = [require_binary("ssh"), "-o", f"UserKnownHostsFile={file}", "-o", "StrictHostKeyChecking=yes"]
    client += ["-F", "none", "-o", "BatchMode=yes", "-p", str(sshd.port), "nobody@127.0.0.1"]
    said = subprocess.run(client, capture_output=True, text=True, timeout=20).stderr
    assert "Permission denied" in said
    assert "Host key verification failed" not in said
    file.write_text(sshd.known_hosts("ssh-rsa"))
    assert place.run("trust", "server", "--show").exit_code == 0, "whichever type is pinned is asked for"
