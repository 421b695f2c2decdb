"""Servers and tools of the system that tests start."""

import os
import shutil

import pytest


def require_binary(name: str) -> str:
    """The path of a program; where it is not installed the test is skipped, or fails under CI=true."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
