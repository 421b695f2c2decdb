"""The SSH side of a visit: whether the host is to be asked now, what is due, and what is remembered of it."""

import asyncio
from collections.abc import Collection

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.cli.model import CliFamily, Command
from collector.plugin.errors import FamilyError
from collector.runtime.facts import HostSsh, HostState, host_ssh_address
from collector.runtime.snmp_visit import DEAD_AFTER_CYCLES, RELEARN_BROKEN_S
from collector.runtime.ssh_read import SshRead, is_to_be_asked
from collector.runtime.tools import Tools
from collector.runtime.turns import Turns
from collector.transport.contract import BoundsError, NoAnswerError, TransportError, UnreachableError
from collector.transport.linux.batch import Wanted
from collector.transport.ssh.errors import ClosedError, PrivilegeError, PromptError
from inventory.model import Credential, Host

LONGEST_PAUSE_S = 900
"""a device that stays silent is asked again at least this often"""
SCRIPT, INFO, NEIGHBOURS = "ssh script", "ssh info", "ssh neighbours"
_OF_EVERY_DEVICE = frozenset(("device", "device_info"))
"""what SNMP tells of every device that answers it"""


class SshVisit:
    """One host by SSH, one cycle.

    Attributes:
        up: whether a login worked; None where it was not asked.
        facts: what is known of its command line, from now or earlier.
    """

    def __init__(self, tools: Tools, host: Host, state: HostState, turns: Turns) -> None:
        self.up: bool | None = None
        self._tools = tools
        self._host = host
        self._state = state.ssh
        self._turns = turns
        self.facts = self._known_facts()

    @property
    def resting(self) -> bool:
        """Whether it has long been silent or of no use, and the time to ask again has not come."""
        return self._tools.clock() < self._state.retry_s and not self._turns.all_due

    def wins(self) -> frozenset[str]:
        """Measurements that come from here although SNMP has them, as long as SSH answers."""
        if self.facts is None or self._state.silent_cycles:
            return frozenset()
        family = self._tools.registry.cli(self.facts.family)
        return family.wins & self.facts.measurements if family else frozenset()

    def has_nothing_to_ask(self, given: Collection[str]) -> bool:
        """Whether a login would bring nothing in this cycle: SNMP gives what is due, and the rest has its turn later."""
        facts = self.facts
        family = self._cli(facts.family) if facts else None
        if not given or facts is None or family is None:
            return False
        others = _others(given)
        if family.script:
            left = facts.measurements - others
            return not any(self._turns.is_due(SCRIPT, name, MEASUREMENTS[name].interval_s) for name in left)
        return not any(is_to_be_asked(each, family, facts, others, self._due) for each in family.commands)

    async def collect(self, ends: float, family: str, given: Collection[str], taken: Collection[str] = ()) -> SshRead:
        """Ask the host, until `ends` (on the clock of `time.monotonic()`) at the latest.

        `family` is what SNMP says the device is, "" where it says nothing; `given` are the measurements that come by SNMP,
        `taken` those that came by it in this cycle.

        Raises:
            TransportError: it did not answer, refused, or is not to be asked yet.
            SecretError, FamilyError
        """
        from collector.runtime.ssh_job import SshJob  # the libraries of SSH take a quarter of a second to load

        if self.resting:
            self.up = False
            minutes = (self._state.retry_s - self._tools.clock()) / 60
            raise NoAnswerError(f"{self._state.trouble}; asked again in {minutes:.0f} min", host=self._host.name)
        facts = self.facts
        job = SshJob(
            self._tools.registry,
            self._in_order(facts),
            facts,
            self._cli(facts.family if facts else self._host.family or "") or self._cli(family),
            self._due,
            self._script(given),
            self._state.cpu_ticks,
            self._tools.clock(),
            _others(given),
            frozenset(taken),
        )
        try:
            found = await self._tools.ssh().work(self._host, job, ends)
        except TransportError as error:
            self._failed(error)
            raise
        except asyncio.CancelledError:
            self.up = False
            raise
        self._remember(found)
        return found

    def _known_facts(self) -> HostSsh | None:
        """What was learnt of this host, as long as it is the same host, credential and family."""
        facts = self._tools.state.load(HostSsh, self._host.name)
        if facts is None or facts.address != host_ssh_address(self._host):
            return None
        if facts.credential not in {credential.name for credential in self._host.ssh_credentials}:
            return None
        relearn_s = self._tools.settings.relearn_s
        if self._tools.clock() - facts.learnt_s >= (min(relearn_s, RELEARN_BROKEN_S) if facts.broken else relearn_s):
            return None
        try:
            family = self._cli(facts.family)
            wanted = self._cli(self._host.family or "")
        except FamilyError:  # its file is wrong by now: learning tells how
            return None
        if family is None or family.fingerprint != facts.fingerprint or (wanted and wanted.name != facts.family):
            return None
        return facts

    def _cli(self, family: str) -> CliFamily | None:
        return self._tools.registry.cli(family) if family else None

    def _in_order(self, facts: HostSsh | None) -> list[Credential]:
        """The credential that worked first."""
        return sorted(
            self._host.ssh_credentials, key=lambda credential: not facts or credential.name != facts.credential
        )

    def _due(self, command: Command) -> frozenset[str]:
        """The measurements of a command that have their turn: what an output says beside others' is not stored more often
        than the catalogue wants it."""
        return frozenset(
            name
            for name in command.measurements
            if self._turns.is_due(
                _turn(command.texts[0], name), name, max(command.interval_s, MEASUREMENTS[name].interval_s)
            )
        )

    def _script(self, given: Collection[str]) -> Wanted:
        info = self._turns.is_due(INFO, "device_info", MEASUREMENTS["device_info"].interval_s)
        neighbours = self._turns.is_due(NEIGHBOURS, "neighbour", MEASUREMENTS["neighbour"].interval_s)
        return Wanted(
            info=info or self.facts is None,
            neighbours=neighbours and "neighbour" not in given,
            tools=self._host.ssh_tools,
        )

    def _failed(self, error: TransportError) -> None:
        """What does not answer is asked ever less often, and so is what no family understands, as it costs several logins to
        find out; what refuses, each cycle: its logins are held back elsewhere, and a host key is mended by people."""
        self.up = False
        state = self._state
        pause_s = 0
        if isinstance(error, NoAnswerError | UnreachableError | BoundsError | ClosedError):
            state.silent_cycles += 1
            if state.silent_cycles >= DEAD_AFTER_CYCLES:
                pause_s = self._tools.settings.interval_s * 2 ** min(state.silent_cycles - DEAD_AFTER_CYCLES, 10)
        elif isinstance(error, PromptError | PrivilegeError):
            pause_s = LONGEST_PAUSE_S
        if pause_s:
            state.trouble = str(error.args[0])
            state.retry_s = self._tools.clock() + min(pause_s, LONGEST_PAUSE_S) - 1

    def _remember(self, found: SshRead) -> None:
        self.up = True
        self._state.silent_cycles, self._state.retry_s, self._state.trouble = 0, 0.0, ""
        self._state.cpu_ticks = found.cpu_ticks
        if found.learnt:
            self.facts = found.facts
            self._tools.state.save(self._host.name, found.facts)
        for text, measurements in found.done.items():
            for name in measurements:
                self._turns.done(_turn(text, name))
        if found.family.script:
            self._turns.done(SCRIPT)
            for what, wanted in ((INFO, found.script.info), (NEIGHBOURS, found.script.neighbours)):
                if wanted:
                    self._turns.done(what)


def _others(given: Collection[str]) -> frozenset[str]:
    """What does not come from here: what SNMP gives, and what it always does where it gives anything."""
    return frozenset(given) | _OF_EVERY_DEVICE if given else frozenset()


def _turn(command: str, measurement: str) -> str:
    return f"ssh {command} {measurement}"
