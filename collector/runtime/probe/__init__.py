"""`collector probe`: everything that can be found out of one device, and what to do where it fails."""
