"""Refused SSH logins are not repeated: no account may be locked out by polling."""

import time
from collections.abc import Callable

from collector.runtime.facts import HostLogins, Refusal
from collector.runtime.state import StateDir
from collector.transport.ssh.errors import LoginHeldError

PAUSES_S = (4 * 3600, 12 * 3600, 24 * 3600)
"""after the first, the second, the third and every further refusal in a row"""


class RefusedLogins:
    """Remembers refusals in the state directory, so that the next process knows of them too."""

    def __init__(self, state: StateDir | None, clock: Callable[[], float] = time.time, *, insist: bool = False) -> None:
        """With `insist` an operator asks for it: whatever was refused before is tried. Without `state` nothing is remembered."""
        self._state = state
        self._clock = clock
        self._insist = insist

    def check(self, host: str, credential: str) -> None:
        """Raises LoginHeldError where this login was refused a short while ago."""
        if self._insist or self._state is None:
            return
        logins = self._state.load(HostLogins, host)
        refusal = logins.refused.get(credential) if logins else None
        if refusal is None:
            return
        again_s = refusal.last_s + PAUSES_S[min(refusal.times, len(PAUSES_S)) - 1]
        if self._clock() < again_s:
            hours = (again_s - self._clock()) / 3600
            raise LoginHeldError(
                f"login refused before ({refusal.times} times); tried again in {hours:.1f} h",
                host=host,
                hint=f"once it is mended: collector probe {host}",
            )

    def refused(self, host: str, credential: str) -> None:
        """Note that it was refused."""
        if self._state is None:
            return
        logins = self._state.load(HostLogins, host) or HostLogins()
        before = logins.refused.get(credential)
        logins.refused[credential] = Refusal(before.times + 1 if before else 1, self._clock())
        self._state.save(host, logins)

    def worked(self, host: str, credential: str) -> None:
        """Note that it worked."""
        logins = self._state.load(HostLogins, host) if self._state else None
        if self._state and logins and logins.refused.pop(credential, None):
            self._state.save(host, logins)
