"""Computations on arrays of samples, and on sets of time. Pure."""
