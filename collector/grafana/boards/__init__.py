"""The dashboards, one module each: `make(source)` gives a `Page`."""
