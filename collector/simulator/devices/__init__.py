"""Synthetic devices, written from the MIBs: none was recorded from anybody's network."""
