"""Rows made into points: names, types, filters, rates. See normalise.py for the way through."""
