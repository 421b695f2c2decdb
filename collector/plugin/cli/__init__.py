"""The command-line side of a device family: what is asked over SSH, and how outputs become rows. Pure."""

FILE = "cli.toml"
"""what it is called, in the folder that is called as the family"""
