"""No secret is in what is said of a failed login: not in texts, not in frames, not in logs."""

import io
import logging
import traceback
from pathlib import Path

import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import serve_cli
from tests.transport.ssh.sshd import make_key
from tests.transport.ssh.world import host_of, logged_in, login, pinned

PASSPHRASE = "pass-Phrase-7731"
PASSWORD = "pass-Word-9042"
SECRETS = (PASSWORD, PASSPHRASE, "wrong-Word-1", "wrong-Phrase-1")


def leaks(error: BaseException, secrets: tuple[str, ...]) -> list[str]:
    """Where one of the secrets is: texts of an error and of those behind it, and local variables of their frames."""
    found = []
    seen: list[BaseException] = []
    behind: list[BaseException | None] = [error]
    while behind:
        each = behind.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        behind += [each.__cause__, each.__context__]
        said = "".join(traceback.format_exception(each)) + repr(each.args) + repr(vars(each))
        found += [f"text of {each!r}" for secret in secrets if secret in said]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                found += [
                    f"{name} in {frame.f_code.co_qualname}"
                    for name, value in frame.f_locals.items()
                    for secret in secrets
                    if secret in repr(value)
                ]
    return found


def test_no_secret_in_errors_and_logs(tmp_path: Path) -> None:
    device = CliDevice(password=PASSWORD)
    locked = make_key(tmp_path / "locked", "ed25519", PASSPHRASE)
    plain = make_key(tmp_path / "plain")
    middle = locked.split("\n")[2], plain.split("\n")[2]
    (tmp_path / "open").write_text(PASSWORD)
    (tmp_path / "open").chmod(0o644)
    logins = [
        login(password="wrong-Word-1"),
        login(key=plain),
        login(key=plain, password="wrong-Word-1"),
        login(key=locked),
        login(key=locked, passphrase="wrong-Phrase-1"),
        login(key=plain[:200], passphrase=PASSPHRASE),
        login(key=locked, passphrase=f"file:{tmp_path}/open"),
        login(key=locked, passphrase=PASSPHRASE, password=f"file:{tmp_path}/open"),
        login(password=f"file:{tmp_path}/open"),
    ]
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    loggers = [logging.getLogger(name) for name in ("", "paramiko", "netmiko", "paramiko.transport")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    with serve_cli([device]) as farm:
        try:
            known = pinned(tmp_path, farm.known_hosts())
            for auth in (("publickey", "password"), ("publickey",), ("keyboard-interactive",)):
                device.auth = auth  # type: ignore[assignment]
                for how in logins:
                    with (
                        pytest.raises(Exception) as caught,  # noqa: PT011 (what counts is what is in it)
                        logged_in(host_of(farm, device), known, how),
                    ):
                        pass
                    assert leaks(caught.value, (*SECRETS, *middle)) == []
                    logging.getLogger("paramiko").error("failed", exc_info=caught.value)
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.removeHandler(handler)
                logger.setLevel(level)
    assert "failed" in said.getvalue()
    assert "userauth" in said.getvalue().lower(), "paramiko spoke"
    assert [secret for secret in (*SECRETS, *middle) if secret in said.getvalue()] == []


def test_the_search_for_leaks_finds_one() -> None:
    namespace: dict[str, object] = {}
    code = compile(f"def f():\n  word = {PASSWORD!r}\n  raise ValueError('x')\n", "/elsewhere/x.py", "exec")
    exec(code, namespace)  # noqa: S102 (a frame that is not of the tests)
    with pytest.raises(ValueError, match="x") as caught:
        namespace["f"]()  # type: ignore[operator]
    assert leaks(caught.value, SECRETS) == ["word in f"]
