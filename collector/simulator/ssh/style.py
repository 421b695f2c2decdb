"""How each vendor's CLI looks: prompts, what prepares a session, what it says of a command it does not know.

Taken from the vendors' manuals and from what netmiko sends and waits for after the login; the names are netmiko's.
"""

from collections.abc import Mapping

import msgspec


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """The manners of one operating system's CLI.

    Attributes:
        prompt: in privileged mode, or the only one; `{name}` and `{user}` are filled in.
        user_prompt: before `enable`; empty where the system knows no such mode.
        enable: regular expression of the commands that ask for the privileged mode.
        newline: what ends a line.
        setup: regular expressions of commands that prepare a session, and what they print.
        paging_off: regular expression of the command among them that turns the pager off.
        pager: what the pager shows, and what it wipes that off with.
        error: for an unknown command; `{caret}` is a line that points at the first word not understood, `{word}` is that word.
        version: behind `SSH-2.0-` in the server's greeting.
        press_key: asks for a key before the first prompt.
        confirm_leave: asks before `logout`.
        login_options: regular expression of what behind a `+` in the login name turns the pager off; empty where a `+` means nothing.
        stamped: a line with the time stands before every output.
    """

    prompt: str = "{name}#"
    user_prompt: str = ""
    enable: str = "enable|en"
    newline: str = "\r\n"
    setup: Mapping[str, str] = {}
    paging_off: str = "terminal length 0"
    pager: tuple[str, str] = ("--More--", "\r        \r")
    error: str = "{caret}\n% Invalid input detected at '^' marker.\n"
    version: str = "OpenSSH_8.0"
    press_key: str = ""
    confirm_leave: str = ""
    login_options: str = ""
    stamped: bool = False


_CISCO_SETUP = {r"terminal width \d+": "", r"terminal length \d+": ""}
_BACK_8 = "\b" * 8

STYLES: Mapping[str, Style] = {
    "cisco_ios": Style(
        user_prompt="{name}>",
        setup=_CISCO_SETUP,
        pager=(" --More-- ", "\b" * 10 + " " * 10 + "\b" * 10),
        error="{caret}\n% Invalid input detected at '^' marker.\n\n",
        version="Cisco-1.25",
    ),
    "cisco_xr": Style(
        prompt="RP/0/RSP0/CPU0:{name}#",
        setup=_CISCO_SETUP,
        pager=(" --More-- ", _BACK_8 + "        " + _BACK_8),
        version="Cisco-2.0",
        stamped=True,
    ),
    "cisco_nxos": Style(
        prompt="{name}# ",
        setup=_CISCO_SETUP,
        pager=("\x1b[7m--More--\x1b[27m", "\r\x1b[K"),
        error="{caret}\n% Invalid command at '^' marker.\n",
        version="OpenSSH_6.2 FIPS",
    ),
    "arista_eos": Style(
        user_prompt="{name}>",
        setup={r"terminal width \d+": "Width set to 511 columns.\n", r"terminal length 0": "Pagination disabled.\n"},
        pager=(" --More-- ", "\r\x1b[K"),
        error="% Invalid input (at token {token}: '{word}')\n",
        version="OpenSSH_7.6",
    ),
    "huawei": Style(
        prompt="<{name}>",
        setup={
            r"screen-length \d+ temporary": "Info: The configuration takes effect on the current user terminal interface only.\n"
        },
        paging_off="screen-length 0 temporary",
        pager=("  ---- More ----", "\x1b[16D                \x1b[16D"),
        error="{caret}\nError: Unrecognized command found at '^' position.\n",
        version="HUAWEI-1.5",
    ),
    "hp_comware": Style(
        prompt="<{name}>",
        setup={"screen-length disable": ""},
        paging_off="screen-length disable",
        pager=("---- More ----", "\x1b[14D              \x1b[14D"),
        error="{caret}\n % Unrecognized command found at '^' position.\n",
        version="Comware-7.1.064",
    ),
    "zte_zxros": Style(
        user_prompt="{name}>",
        setup=_CISCO_SETUP,
        pager=(" --More--", "\b" * 9 + " " * 9 + "\b" * 9),
        error="{caret}\n%Error 140303: Invalid input detected at '^' marker.\n",
        version="ZTE_SSH.2.0",
    ),
    "juniper_junos": Style(
        prompt="\n{user}@{name}> ",
        setup={
            r"set cli screen-width \d+": "Screen width set to 511\n",
            r"set cli screen-length \d+": "Screen length set to 0\n",
            r"set cli complete-on-space off": "Disabling complete-on-space\n",
        },
        paging_off="set cli screen-length 0",
        pager=("---(more)---", "\r                                        \r"),
        error="{caret}\nunknown command.\n",
        version="OpenSSH_7.5",
    ),
    "nokia_sros": Style(
        prompt="A:{name}# ",
        setup={"environment no more": ""},
        paging_off="environment no more",
        pager=("Press any key to continue (Q to quit)", "\r" + " " * 37 + "\r"),
        error="{caret}\nError: Bad command.\n",
        version="OpenSSH_3.5p1",
    ),
    "nokia_sros_md": Style(
        prompt="\n[/]\nA:{user}@{name}# ",
        setup={
            r"environment command-completion space false": "",
            r"environment console width \d+": "",
            r"environment more false": "",
            r"//environment (no more|more false)": "",
        },
        paging_off="environment more false",
        pager=("Press Q to quit, Enter to print next line or any other key to print next page.", "\r\x1b[K"),
        error="{caret}\nMINOR: MGMT_CORE #2201: Unknown element - '{word}'\n",
        version="OpenSSH_8.0",
    ),
    "mikrotik_routeros": Style(
        prompt="[{user}@{name}] > ",
        pager=("-- [Q quit|D dump|down]", "\r\x1b[K"),
        paging_off="",
        login_options=r"\d+h",
        error="bad command name {word} (line 1 column {column})\n",
        version="ROSSSH",
    ),
    "aruba_aoscx": Style(
        prompt="{name}# ",
        setup={"no page": ""},
        paging_off="no page",
        pager=("-- MORE --, next page: Space, next line: Enter, quit: q", "\r\x1b[K"),
        error="Invalid input: {word}\n",
        version="OpenSSH_8.8",
    ),
    "hp_procurve": Style(
        prompt="{name}# ",
        user_prompt="{name}> ",
        setup={r"terminal (width|length) \d+": "", "no page": ""},
        paging_off="no page",
        pager=("-- MORE --, next page: Space, next line: Enter, quit: Control-C", "\r\x1b[K"),
        error="Invalid input: {word}\n",
        version="Mocana SSH 6.3",
        press_key="(C) Copyright 1991-2019 the maker of this switch\n\nPress any key to continue",
        confirm_leave="Do you want to log out (y/n)? ",
    ),
    "fortinet": Style(
        prompt="{name} # ",
        setup={
            "config system console": "",
            "set output (standard|more)": "",
            "end": "",
            r"get system status \| grep Virtual": "Virtual domain configuration: disable\n",
            r"get system status \| grep Version": "Version: FortiGate-100F v7.2.5,build1517,230606 (GA.F)\n",
            "get system console": "baudrate            : 9600 \nlogin               : enable \nmode                : line \noutput              : more \n",
        },
        paging_off="set output standard",
        pager=("--More-- ", "\r         \r"),
        error="Unknown action 0\nCommand fail. Return code -1\n",
        version="4tzgHTHz",
    ),
    "dell_os10": Style(
        prompt="{name}# ",
        setup=_CISCO_SETUP,
        pager=("--More--", "\r\x1b[K"),
        error="% Error: Unrecognized command.\n",
        version="OpenSSH_7.9p1",
    ),
    "ericsson_ipos": Style(
        prompt="[local]{name}#",
        user_prompt="[local]{name}>",
        enable=r"enable( \d+)?",
        setup=_CISCO_SETUP,
        pager=("---(more)---", "\r            \r"),
        error="{caret}\n% Invalid input at '^' marker\n",
        version="OpenSSH_5.9",
    ),
    "vyos": Style(
        prompt="{user}@{name}:~$ ",
        setup={r"set terminal (width|length) \d+": ""},
        paging_off="set terminal length 0",
        pager=(":", "\r\x1b[K"),
        error="\n  Invalid command: [{word}]\n\n",
        version="OpenSSH_9.2p1",
    ),
}
"""by netmiko's platform; `nokia_sros_md` is its `nokia_sros` with the model-driven CLI"""
