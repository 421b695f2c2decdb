"""How SSH fails, below TransportError.

TransportError
├── ResolutionError, UnreachableError, NoAnswerError, ProtocolError, BoundsError     as with SNMP
└── SshError
    ├── ClosedError            the device closed the connection: sessions used up, an ACL, idle for too long
    ├── AlgorithmError         nothing in common: old gear, `legacy_ssh`
    ├── HostKeyError
    │   ├── UnknownHostKeyError    not pinned yet
    │   └── ChangedHostKeyError    another one than the pinned, or a revoked one
    ├── LoginRefusedError      wrong user, password or key
    │   └── LoginHeldError     not tried: it was refused a while ago, and no account may be locked out by polling
    ├── KeyFileError           the private key of our own cannot be used
    ├── PromptError            the command line is not what the family expects
    ├── PrivilegeError         the privileged mode was refused
    └── ForbiddenError         something was about to be sent that no family allows: a defect of ours
"""

from collector.transport.contract import TransportError


class SshError(TransportError):
    """Base of what SSH alone can fail with."""


class ClosedError(SshError):
    """The device closed the connection."""


class AlgorithmError(SshError):
    """No algorithm in common (RFC 4253, section 7.1)."""


class HostKeyError(SshError):
    """The host key is not trusted.

    Attributes:
        fingerprint: of the key that was shown.
    """

    fingerprint: str = ""


class UnknownHostKeyError(HostKeyError):
    """No key of this device is pinned."""


class ChangedHostKeyError(HostKeyError):
    """Another key than the pinned one was shown, or a revoked one."""


class LoginRefusedError(SshError):
    """The server does not take this login (RFC 4252)."""


class LoginHeldError(LoginRefusedError):
    """A login that was refused a while ago is not tried yet again."""


class KeyFileError(SshError):
    """Our own private key cannot be used: no key, or its passphrase is missing or wrong."""


class PromptError(SshError):
    """The command line showed no prompt, or not the family's."""


class PrivilegeError(SshError):
    """The privileged mode was refused."""


class ForbiddenError(SshError):
    """What was about to be sent is no command of the device's family."""
