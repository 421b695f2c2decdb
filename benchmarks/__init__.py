"""What the collector costs, measured on simulated devices: `make bench`, `python -m benchmarks --help`."""
