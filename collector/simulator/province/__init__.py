"""A small province to look at, for the demo: its places, its devices, and how they fare."""
