"""A probe's evidence of SSH on a terminal."""

from rich.console import Console

from collector.cli.probe_print import grid, head, line
from collector.cli.units import duration, octets
from collector.runtime.probe.evidence import SshEvidence


def show_ssh(console: Console, ssh: SshEvidence, *, everything: bool) -> None:
    """The SSH part: port, host key, logins, prompt, commands."""
    head(console, "SSH")
    way = f"port {ssh.port}" + (f" by way of {ssh.jump}" if ssh.jump else "")
    line(console, f"{way}: {ssh.banner or 'no SSH'}" + (f", {ssh.connect_ms:.0f} ms" if ssh.connect_ms else ""))
    if ssh.fingerprint:
        trusted = ssh.trust == "pinned"
        said = ssh.trust if trusted else f"{ssh.trust}: not trusted"
        line(console, f"host key {ssh.key_type} {ssh.fingerprint}: {said}", "green" if trusted else "red")
    for credential in ssh.credentials:
        style = "green" if credential.works else "red"
        line(console, f"{credential.name} ({credential.kind}): {credential.verdict}", style)
    if ssh.family:
        line(console, f"family {ssh.family}: {ssh.reason}")
    if ssh.prompt:
        mode = {True: ", privileged", False: ", not privileged", None: ""}[ssh.privileged]
        line(console, f"prompt {ssh.prompt}{mode}")
    if ssh.uptime_s is not None:
        line(console, f"up {duration(ssh.uptime_s)}")
    if ssh.commands:
        _ssh_commands(console, ssh, everything)
    if ssh.failure:
        line(console, ssh.failure, "red")
        if ssh.remedy:
            line(console, f"  do: {ssh.remedy}")


def _ssh_commands(console: Console, ssh: SshEvidence, everything: bool) -> None:
    grid(
        console,
        ("command", "bytes", "ms", "template", "rows", ""),
        [
            (
                asked.command,
                octets(asked.bytes_in),
                f"{asked.duration_s * 1000:.0f}",
                ", ".join(asked.templates) if everything or len(asked.templates) < 3 else f"{asked.templates[0]}, ...",
                str(asked.rows),
                asked.refusal or "; ".join(asked.problems) or ("" if asked.rows else "no rows"),
            )
            for asked in ssh.commands
        ],
        right=("bytes", "ms", "rows"),
    )
