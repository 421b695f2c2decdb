"""A worker that has compiled hundreds of families holds millions of objects: looking for garbage among all of them would stop
tests of timing for a second, again and again."""

import gc

gc.set_threshold(100_000, 50, 1000)
