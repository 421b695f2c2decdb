"""The command-line side of a device family: what is asked over SSH, and how outputs become rows. Pure."""
