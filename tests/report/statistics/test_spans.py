"""Sets of time, against sets of whole numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.report.statistics.spans import Spans, common, length_ns, lengths_in, lengths_ns, merged, minus

_pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def _numbers(spans: Spans) -> set[int]:
    return {number for start, stop in spans for number in range(start, stop)}


def _is_tidy(spans: Spans) -> bool:
    edges = [edge for span in spans for edge in span]
    return all(a < b for a, b in pairwise(edges))


@given(_pairs)
def test_merged_is_the_union(pairs: list[tuple[int, int]]) -> None:
    assert _is_tidy(merged(pairs))
    assert _numbers(merged(pairs)) == _numbers(tuple(pairs))


@given(_pairs, _pairs)
def test_common_and_minus_are_intersection_and_difference(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    one, other = merged(a), merged(b)
    assert _is_tidy(common(one, other))
    assert _is_tidy(minus(one, other))
    assert _numbers(common(one, other)) == _numbers(one) & _numbers(other)
    assert _numbers(minus(one, other)) == _numbers(one) - _numbers(other)
    assert length_ns(one) == len(_numbers(one))


@given(_pairs, st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True).map(sorted))
def test_lengths_between_edges(pairs: list[tuple[int, int]], edges: list[int]) -> None:
    spans = merged(pairs)
    expected = [len(_numbers(spans) & set(range(a, b))) for a, b in pairwise(edges)]
    assert lengths_ns(spans, edges) == expected


@given(_pairs, _pairs)
def test_lengths_within_parts(pairs: list[tuple[int, int]], parts: list[tuple[int, int]]) -> None:
    spans, within = merged(pairs), merged(parts)
    assert lengths_in(spans, within) == [len(_numbers(spans) & set(range(*part))) for part in within]
