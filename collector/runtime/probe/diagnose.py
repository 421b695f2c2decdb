"""From what was found to one sentence and a remedy. Pure."""

from collector.runtime.probe.evidence import Cause, Evidence, SshEvidence
from collector.transport.contract import (
    BoundsError,
    DecryptionError,
    NoAnswerError,
    NotInTimeWindowError,
    ProtocolError,
    ResolutionError,
    SecurityError,
    TransportError,
    UnknownEngineError,
    UnknownUserError,
    UnreachableError,
    UnsupportedLevelError,
    WrongDigestError,
)

_VERDICTS: tuple[tuple[type[TransportError], str, str], ...] = (
    (UnknownUserError, "unknown user", "create the user on the device, or correct `user`"),
    (WrongDigestError, "wrong authentication key or algorithm", "compare `auth` and `auth_key` with the device's"),
    (
        DecryptionError,
        "wrong privacy key or algorithm",
        "compare `priv` and `priv_key` with the device's; some devices need aes192c or aes256c",
    ),
    (
        UnsupportedLevelError,
        "security level not allowed for this user",
        "the user may need (or may lack) authentication or privacy on the device",
    ),
    (
        NotInTimeWindowError,
        "outside the time window",
        "the device's snmpEngineBoots or clock misbehaves: restart its SNMP agent",
    ),
    (UnknownEngineError, "engine id changes", "the device does not keep its engine id: set a fixed one on it"),
    (SecurityError, "refused", "check the user's rights on the device"),
    (NoAnswerError, "silent", "wrong community, an ACL or view on the device, or SNMP is off"),
    (UnreachableError, "port closed", "enable SNMP on the device, or correct the port"),
    (ResolutionError, "name not resolved", "correct the address, or the name server"),
    (ProtocolError, "no SNMP", "something else answers on that port"),
    (BoundsError, "cut off", "the device answers without end: report it to its maker"),
)


def explain(error: TransportError) -> tuple[str, str]:
    """A failure as (verdict, remedy), a few words each."""
    for kind, verdict, remedy in _VERDICTS:
        if isinstance(error, kind):
            return verdict, error.hint or remedy
    return str(error.args[0]), error.hint


def diagnose_failure(evidence: Evidence, failures: list[TransportError]) -> None:
    """Fill in cause, verdict and remedy of a probe that found no working credential."""
    reach = evidence.reach
    alive = bool(reach.ping and reach.ping["received"]) or bool(reach.ssh_port_open)
    refused = next((failure for failure in failures if isinstance(failure, SecurityError)), None)
    closed = next((failure for failure in failures if isinstance(failure, UnreachableError)), None)
    unusable = next((failure for failure in failures if type(failure) is TransportError), None)
    other = next((failure for failure in failures if isinstance(failure, ProtocolError)), None)
    if not reach.addresses:
        _set(
            evidence,
            Cause.NO_ADDRESS,
            f"{evidence.address} has no address",
            "correct the address in the inventory, or ask the name server: getent hosts " + evidence.address,
        )
    elif refused:
        verdict, remedy = explain(refused)
        _set(evidence, Cause.SNMP_REFUSED, f"the device speaks SNMPv3 and refuses: {verdict}", remedy)
    elif other:
        _set(evidence, Cause.NOT_SNMP, "something answers on the SNMP port, but it is not SNMP", explain(other)[1])
    elif closed and alive:
        _set(evidence, Cause.SNMP_CLOSED, "the host is up, and nothing listens on its SNMP port", explain(closed)[1])
    elif closed:
        _set(
            evidence,
            Cause.UNREACHABLE,
            f"the network says: {closed.args[0]}",
            "check the route, the address and firewalls on the way",
        )
    elif unusable and all(type(failure) is TransportError for failure in failures):
        _set(evidence, Cause.CONFIGURATION, f"SNMP was not tried: {unusable.args[0]}", unusable.hint or _SECRETS)
    elif alive:
        _set(
            evidence,
            Cause.SNMP_SILENT,
            "the host is up, and silent to SNMP under every credential",
            f"on the device: is SNMP on, is the community or user right, may {evidence.reach.source or 'this address'} ask (ACL, view, firewall)?",
        )
    elif reach.ping is None:
        _set(
            evidence,
            Cause.SNMP_SILENT,
            "silent to SNMP; whether the host is up is not known, as no echo can be sent from here",
            "allow echoes: sysctl net.ipv4.ping_group_range='0 2147483647'",
        )
    else:
        _set(
            evidence,
            Cause.HOST_DOWN,
            "the host answers neither echoes nor SNMP",
            "is it powered, connected, and is this its address? A firewall may also drop both",
        )


def diagnose_success(evidence: Evidence) -> None:
    """Fill in cause and verdict of a probe that reached the device's tables."""
    family = evidence.family
    facts = family.facts if family else {}
    what = " ".join(filter(None, (facts.get("vendor"), facts.get("model")))) or facts.get("os", "")
    kept = sum(1 for interface in evidence.interfaces if interface.kept)
    said = f"{what or 'device of an unknown make'} as family {family.chosen if family else '?'}: {len(evidence.points)} points a full cycle, {kept} of {len(evidence.interfaces)} interfaces kept"
    stopped = [table for table in evidence.tables if table.stopped]
    if stopped:
        _set(
            evidence,
            Cause.PARTIAL,
            f"{said}; {len(stopped)} tables broke off",
            "see the tables below; a table that breaks off is asked again when rows are learnt anew",
        )
    elif evidence.cost and not evidence.cost.fits:
        _set(
            evidence,
            Cause.PARTIAL,
            f"{said}; a cycle does not fit the deadline",
            "raise host_deadline_s, or poll less: intervals in [collector]",
        )
    else:
        _set(evidence, Cause.OK, said, _own_family(evidence) if family and family.modules else "")


def diagnose_ssh(evidence: Evidence, error: Exception | None) -> None:
    """Add to cause, verdict and remedy what SSH came to; SNMP's part is in them already, where it was tried."""
    ssh = evidence.ssh
    if ssh is None:
        return
    if not evidence.verdict:  # nothing was tried but SSH
        if error is None:
            remedy = _ssh_partial_remedy(evidence, ssh)
            _set(evidence, _ssh_outcome(evidence, ssh), _ssh_success(evidence, ssh), remedy)
        else:
            _set(evidence, _ssh_cause(error), f"SSH: {ssh.failure}", ssh.remedy or _SSH_REMEDY)
    elif evidence.cause in (Cause.OK, Cause.PARTIAL):
        if error is None:
            evidence.verdict += f"; SSH adds {ssh.points} points"
        else:
            _set(evidence, Cause.PARTIAL, f"{evidence.verdict}; SSH fails: {ssh.failure}", ssh.remedy or _SSH_REMEDY)
    elif error is None:
        said = f"{_ssh_success(evidence, ssh)}; not by SNMP: {evidence.verdict}"
        _set(evidence, Cause.PARTIAL, said, evidence.remedy)
    else:
        evidence.problems.append(f"SSH: {ssh.failure}")


_SECRETS = "see docs/configuration.md, secrets"
_SSH_REMEDY = "log in by hand to see more: ssh -v"
_SSH_CAUSES: tuple[tuple[str, Cause], ...] = (
    ("ResolutionError", Cause.NO_ADDRESS),
    ("UnreachableError", Cause.UNREACHABLE),
    ("UnknownHostKeyError", Cause.SSH_HOST_KEY),
    ("ChangedHostKeyError", Cause.SSH_HOST_KEY),
    ("LoginRefusedError", Cause.SSH_REFUSED),
    ("FamilyError", Cause.FAMILY_FILE),
    ("SecretError", Cause.CONFIGURATION),
)
"""by name, as the classes are SSH's, whose libraries not every probe loads"""


def _ssh_cause(error: Exception) -> Cause:
    names = {kind.__name__ for kind in type(error).__mro__}
    return next((cause for name, cause in _SSH_CAUSES if name in names), Cause.SSH_FAILED)


def _ssh_success(evidence: Evidence, ssh: SshEvidence) -> str:
    kept = sum(1 for interface in evidence.interfaces if interface.kept)
    asked = (
        "one script" if ssh.commands and ssh.commands[0].templates == ["script"] else f"{len(ssh.commands)} commands"
    )
    info = next((point.fields for point in evidence.points if point.measurement == "device_info"), {})
    named = ("vendor", "model") if "model" in info else ("os", "os_version")
    what = " ".join(str(info[name]) for name in named if name in info) or "a device"
    return f"{what} as family {ssh.family} by SSH: {asked}, {ssh.points} points, {kept} of {len(evidence.interfaces)} interfaces kept"


def _ssh_outcome(evidence: Evidence, ssh: SshEvidence) -> Cause:
    whole = ssh.points and evidence.interfaces and not any(asked.problems for asked in ssh.commands)
    return Cause.OK if whole else Cause.PARTIAL


def _ssh_partial_remedy(evidence: Evidence, ssh: SshEvidence) -> str:
    if _ssh_outcome(evidence, ssh) is Cause.OK:
        return ""
    return (
        "see the commands below: one that is refused may need more rights; an output that gives no rows, although there is "
        "something in it, is a defect of the family: report it"
    )


def _own_family(evidence: Evidence) -> str:
    """What to do for a device that no family knows."""
    return (
        "no family knows this device, so only the standard MIBs are read; its maker's MIB files give a draft of one: "
        f"collector probe {evidence.host} --capture FILE; collector families scaffold FILE --mib MIB"
    )


def _set(evidence: Evidence, cause: Cause, verdict: str, remedy: str) -> None:
    evidence.cause, evidence.verdict, evidence.remedy = cause, verdict, remedy
