"""SSH: one client (paramiko) for servers and command lines, netmiko for what each maker's command line wants at login.

What blocks runs in threads (`pool`); names are resolved and ports connected to before, so that the dead take no thread.
"""

import logging
import sys

for _library in ("paramiko", "netmiko"):
    # what they have to say comes as exceptions; their own logs hold sessions, and tracebacks of hostile peers
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False

# paramiko runs commands of ssh_config(5) with it, which is not read here; it takes a tenth of a second to load
sys.modules.setdefault("invoke", None)  # type: ignore[arg-type] # what the import system takes for "cannot be had"
