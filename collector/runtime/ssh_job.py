"""What is done on one device over SSH, in a thread: log in, find the family, ask what is due, make rows of it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from collector.metrics.model import FieldValue
from collector.normalise.normalise import Stamp
from collector.plugin.cli.model import CliFamily, Command
from collector.plugin.cli.rows import parse
from collector.plugin.model import Row
from collector.plugin.registry import Registry
from collector.runtime.facts import HostSsh, host_ssh_address
from collector.runtime.read import Rows
from collector.runtime.ssh_detect import Detected, by_asking, by_banner
from collector.runtime.ssh_read import Asked, SshRead, is_to_be_asked
from collector.transport.contract import TransportError
from collector.transport.linux import batch
from collector.transport.ssh.errors import ClosedError, LoginRefusedError, PrivilegeError, PromptError
from collector.transport.ssh.pool import Connection, Work
from collector.transport.ssh.shell import run_script
from inventory.model import Credential

if TYPE_CHECKING:
    from collector.transport.ssh.cli import CliSession

_NEVER_GONE = frozenset(("cpu", "interface", "memory"))
MAX_LOGINS = 2
"""credentials that are tried on one device in one visit, as each may count towards locking an account"""


class SshJob:
    """The work on one device in one cycle; called with the pool's `Work`, in a thread.

    Attributes:
        connection: the last one that was logged in.
        read: what came so far, where the work broke off too.
    """

    def __init__(
        self,
        registry: Registry,
        credentials: Sequence[Credential],
        facts: HostSsh | None,
        family: CliFamily | None,
        due: Callable[[Command], frozenset[str]],
        script: batch.Wanted,
        cpu_ticks: Mapping[str, list[int]],
        now_s: float,
        without: frozenset[str] = frozenset(),
        taken: frozenset[str] = frozenset(),
    ) -> None:
        """`facts` are those of an earlier learning, None to learn; `family` is known from elsewhere, or None to find out.
        Rows of the measurements in `without` come from SNMP, unless the family's command line wins, and those in `taken`
        did so already in this cycle."""
        self.connection: Connection | None = None
        self.read: SshRead | None = None
        self._registry = registry
        self._credentials = credentials
        self._facts = facts
        self._family = family
        self._due = due
        self._script = script
        self._cpu_ticks = cpu_ticks
        self._now_s = now_s
        self._without = without
        self._taken = taken
        self._reason = facts.reason if facts else "set in the inventory, or by SNMP"

    def __call__(self, work: Work) -> SshRead:
        """Do it.

        Raises:
            TransportError: whatever keeps the device from answering.
            SecretError, FamilyError
        """
        kept = work.kept()
        if kept is not None and self._family is not None:
            try:
                return self._on(work, kept, self._family)
            except ClosedError:  # idle for too long: nothing is lost but the session
                kept.close()
        elif kept is not None:
            kept.close()
        connection = self._log_in(work)
        try:
            family = self._family
            if family is None:
                again = partial(self._log_in, work)
                found = by_asking(self._registry, connection, again, work.host.name, work.deadline)
                family, connection = self._take(found), again()
            return self._on(work, connection, family)
        except BaseException:
            connection.close()
            raise

    def _log_in(self, work: Work) -> Connection:
        refused: LoginRefusedError | None = None
        for credential in self._credentials[:MAX_LOGINS]:
            try:
                self.connection = work.log_in(credential, suffix_for=self._suffix)
                return self.connection
            except LoginRefusedError as error:
                refused = refused or error
        raise refused or TransportError("no SSH credentials: name some under `credentials`", host=work.host.name)

    def _suffix(self, banner: str) -> str:
        if self._family is None and (found := by_banner(self._registry, banner)):
            self._take(found)
        return self._family.login_suffix if self._family else ""

    def _take(self, found: Detected) -> CliFamily:
        self._family, self._reason = found.family, found.reason
        return found.family

    def _on(self, work: Work, connection: Connection, family: CliFamily) -> SshRead:
        result = self.read = SshRead(
            learnt=self._facts is None,
            facts=self._facts or self._new_facts(work, connection, family),
            family=family,
            rows=Rows(),
            script=self._script,
            asked=[],
            problems=[],
        )
        if family.script:
            self._run_script(work, connection, result)
        else:
            self._run_commands(work, connection, family, result)
            _add_facts(result.rows, family.facts)
        result.traffic.commands = len(result.asked)
        result.traffic.bytes_in = sum(asked.bytes_in for asked in result.asked)
        work.keep(connection)
        return result

    def _new_facts(self, work: Work, connection: Connection, family: CliFamily) -> HostSsh:
        return HostSsh(
            address=host_ssh_address(work.host),
            credential=connection.credential.name,
            family=family.name,
            reason=self._reason,
            fingerprint=family.fingerprint,
            learnt_s=self._now_s,
            banner=connection.handshake.banner,
        )

    def _run_commands(self, work: Work, connection: Connection, family: CliFamily, result: SshRead) -> None:
        from collector.transport.ssh.cli import CliSession  # netmiko takes a fifth of a second to load

        if connection.session is None:
            login = connection.credential.ssh
            enable = login.enable if login else None
            connection.session = CliSession(connection.transport, family, work.host.name, enable)
            try:
                connection.session.open(work.deadline)
            except PrivilegeError:
                if enable:
                    work.hold(connection.credential)
                raise
        session = connection.session
        session.use(work.deadline)
        result.facts.prompt, result.privileged = session.prompt, session.privileged
        result.problems += [f"{text}: left out, as it broke the session before" for text in result.facts.broken]
        for command in family.commands:
            if not is_to_be_asked(command, family, result.facts, self._without, self._due):
                continue
            learning = command.texts[0] not in result.facts.texts
            due = command.measurements if learning else self._due(command)
            result.done[command.texts[0]] = due
            try:
                self._ask(session, command, family, result, due, learning=learning)
            except TransportError as error:
                if not result.rows.rows:
                    raise
                # what came is good; one that breaks the session when learnt is left out until it is learnt anew, soon
                if learning:
                    result.facts.broken.append(command.texts[0])
                result.problems.append(f"{command.texts[0]}: {error.args[0]}")
                result.asked.append(Asked(command=command.texts[0], problems=[str(error.args[0])]))
                connection.close()
                return
        if self._facts is None and not self._without and not result.rows.rows:
            raise _nothing(result, work.host.name)

    def _ask(
        self,
        session: "CliSession",
        command: Command,
        family: CliFamily,
        result: SshRead,
        due: frozenset[str],
        *,
        learning: bool,
    ) -> None:
        if learning:
            result.learnt = True
            result.facts.texts[command.texts[0]] = ""
        for text in command.texts if learning else [result.facts.texts[command.texts[0]]]:
            output = session.run(text)
            asked = Asked(
                command=text,
                bytes_in=output.bytes_in,
                duration_s=output.duration_s,
                templates=list(
                    dict.fromkeys(t.template.name if t.template else command.format.value for t in command.tables)
                ),
            )
            result.asked.append(asked)
            if refusal := family.refusal(output.text):
                asked.refusal = refusal
                if not learning:
                    result.problems.append(f"{text}: {refusal}")
                continue
            result.facts.texts[command.texts[0]] = text
            parsed = parse(command, output.text, due)
            rows = self._wanted(parsed.rows, family)
            asked.rows, asked.problems = len(parsed.rows), parsed.problems
            result.problems += parsed.problems
            if learning:
                result.facts.measurements |= {row.measurement for row in parsed.rows}
            elif not parsed.problems:
                result.problems += self._gone(text, due, parsed.rows)
            result.rows.rows += rows
            result.rows.stamps += [Stamp(output.arrived_s, None)] * len(rows)
            return

    def _gone(self, text: str, due: frozenset[str], rows: list[Row]) -> list[str]:
        """What a command no longer gives, of what no device ever ends to have: its template fits no more."""
        known = self._facts.measurements if self._facts else set()
        missing = due & known & _NEVER_GONE - {row.measurement for row in rows}
        return [f"{text}: no rows of {name}, where there were some" for name in sorted(missing)]

    def _wanted(self, rows: list[Row], family: CliFamily) -> list[Row]:
        others = (self._without - family.wins) | self._taken
        return [row for row in rows if row.measurement not in others]

    def _run_script(self, work: Work, connection: Connection, result: SshRead) -> None:
        nonce = secrets.token_hex(16)
        ran = run_script(connection.transport, batch.script(nonce, self._script), work.host.name, work.deadline)
        asked = Asked(command="sh -s", bytes_in=len(ran.output), duration_s=ran.duration_s, templates=["script"])
        result.asked.append(asked)
        try:
            snapshot = batch.read(ran.output, nonce, self._script, self._cpu_ticks)
        except ValueError as error:
            said = f"; {ran.cut}" if ran.cut else f"; it says {ran.error.splitlines()[0][:100]!r}" if ran.error else ""
            raise TransportError(f"its shell did not run the script: {error}{said}", host=work.host.name) from None
        rows = self._wanted(snapshot.rows, result.family)
        asked.rows, asked.problems = len(snapshot.rows), snapshot.problems
        result.problems += snapshot.problems
        result.cpu_ticks = snapshot.cpu_ticks
        result.facts.measurements |= {row.measurement for row in snapshot.rows}
        result.rows.uptime_ticks = snapshot.uptime_ticks
        result.rows.rows = rows
        result.rows.stamps = [Stamp(ran.arrived_s, snapshot.uptime_ticks)] * len(rows)


def _nothing(result: SshRead, host: str) -> PrivilegeError | PromptError:
    """Why all the commands of a family came to nothing."""
    first, name = result.asked[0], result.family.name
    if any(result.facts.texts.values()):
        return PromptError(
            f"nothing that it answers is what {name} knows",
            host=host,
            hint="is it of that family? set `family`",
        )
    return PrivilegeError(
        f"it takes none of the commands of {name}: {first.command!r}: {first.refusal}",
        host=host,
        hint="the user may need more rights on the device, or `enable`; if it is none of that family: set `family`",
    )


def _add_facts(rows: Rows, facts: Mapping[str, FieldValue]) -> None:
    """The family's constants to what the commands say of the device: to one row only, as two that tell the same field of one
    series are taken for two things."""
    first = next((row for row in rows.rows if row.measurement == "device_info"), None)
    if first is not None:
        told = {name for row in rows.rows if row.measurement == "device_info" for name in row.fields}
        first.fields = {**{name: value for name, value in facts.items() if name not in told}, **first.fields}
