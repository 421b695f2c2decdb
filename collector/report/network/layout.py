"""Where the devices of a network are drawn: positions in a square of side 1, the same for the same network.

Networks of provinces are trees and rings with very many leaves. So leaves are taken off, again and again, until a core is
left; the core is laid out by forces (Fruchterman and Reingold 1991, with weights by what hangs on each node), and then the
leaves are put back as a disc beside the node that they hang on, in the order of their groups. Rings come out as rings.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Positions: TypeAlias = dict[str, tuple[float, float]]
Places: TypeAlias = dict[str, NDArray[np.float64]]

_SMALL = 60
"""networks up to this size keep their leaves: forces place them better"""

_PAIR_STEPS = 2e8
"""how much work the forces may be: pairs of nodes times rounds"""

_SPREAD = 1.6
"""how far apart leaves stand, in units of the forces' least distance"""

_APART = 4.0
"""between parts that are not connected"""

_GOLDEN = math.pi * (3 - math.sqrt(5))


def layout(nodes: Mapping[str, str], edges: Sequence[tuple[str, str]]) -> Positions:
    """`nodes` are groups (a district, a site) by id; `edges` are pairs of ids, both of them among the nodes."""
    if not nodes:
        return {}
    near: dict[str, set[str]] = {id: set() for id in nodes}
    for a, b in edges:
        if a != b:
            near[a].add(b)
            near[b].add(a)
    order = sorted(nodes, key=lambda id: (nodes[id], id))
    return _in_unit_square(_beside_each_other([_part(part, near, nodes) for part in _parts(order, near)]))


def circle(ids: Sequence[str]) -> Positions:
    """Around a circle in their order, the first on top."""
    step = 2 * math.pi / max(len(ids), 1)
    radius = 0.42 if len(ids) > 1 else 0.0
    return {
        id: (0.5 + radius * math.sin(step * place), 0.5 - radius * math.cos(step * place))
        for place, id in enumerate(ids)
    }


def _parts(order: Sequence[str], near: Mapping[str, set[str]]) -> list[list[str]]:
    """Nodes by what is connected with each other, the largest part first."""
    part_of: dict[str, int] = {}
    for start in order:
        if start in part_of:
            continue
        number, left = len(part_of), [start]
        part_of[start] = number
        while left:
            for other in near[left.pop()]:
                if other not in part_of:
                    part_of[other] = number
                    left.append(other)
    parts: dict[int, list[str]] = defaultdict(list)
    for id in order:
        parts[part_of[id]].append(id)
    return sorted(parts.values(), key=lambda part: -len(part))


def _part(order: Sequence[str], near: Mapping[str, set[str]], groups: Mapping[str, str]) -> Places:
    """Places of nodes that are connected, in units of the least distance that they should have."""
    core, rounds = _core(order, near)
    sizes = _sizes(order, rounds)
    places = _forces(core, near, groups, sizes)
    for taken in reversed(rounds):
        _put_back(taken, places, near, sizes)
    return places


def _beside_each_other(parts: Sequence[Places]) -> Places:
    """On shelves about as wide as they are high together."""
    boxes = [np.array(list(part.values())) for part in parts]
    sides = [np.ptp(box, axis=0) + _APART for box in boxes]
    width = max(math.sqrt(1.2 * sum(float(side.prod()) for side in sides)), max(float(side[0]) for side in sides))
    x = y = height = 0.0
    found: Places = {}
    for part, box, side in zip(parts, boxes, sides, strict=True):
        if x + side[0] > width * 1.0001:
            x, y, height = 0.0, y + height, 0.0
        corner = np.array((x, y)) - box.min(axis=0)
        found.update({id: place + corner for id, place in part.items()})
        x, height = x + float(side[0]), max(height, float(side[1]))
    return found


def _core(order: Sequence[str], near: Mapping[str, set[str]]) -> tuple[list[str], list[dict[str, str]]]:
    """What is left without leaves, and the leaves of each round with the node that they hang on."""
    degree = {id: len(near[id]) for id in order}
    left = list(order)
    rounds: list[dict[str, str]] = []
    while len(left) > _SMALL:
        inside = set(left)
        taken = {}
        for id in left:
            if degree[id] == 1:
                (parent,) = near[id] & inside
                if parent not in taken:  # of two that only have each other, one stays
                    taken[id] = parent
        if not taken:
            break
        for parent in taken.values():
            degree[parent] -= 1
        left = [id for id in left if id not in taken]
        rounds.append(taken)
    return left, rounds


def _sizes(order: Sequence[str], rounds: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """How many nodes stand for each: itself, and all that was taken off it."""
    sizes = dict.fromkeys(order, 1.0)
    for taken in rounds:
        for id, parent in taken.items():
            sizes[parent] += sizes[id]
    return sizes


def _forces(
    core: Sequence[str], near: Mapping[str, set[str]], groups: Mapping[str, str], sizes: Mapping[str, float]
) -> Places:
    """Nodes push each other apart by their sizes, cables pull; groups begin in sectors of their own."""
    count = len(core)
    number = {id: place for place, id in enumerate(core)}
    radius = np.sqrt(np.array([sizes[id] for id in core], dtype=np.float32)) * np.float32(_SPREAD)
    ends = np.array(
        [(number[a], number[b]) for a in core for b in near[a] if b in number and a < b], dtype=np.intp
    ).reshape(-1, 2)
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]  # sets have no order of their own
    place = _sectors([groups[id] for id in core]) * float(2 * np.sqrt(np.sum(radius**2)))
    rest = radius[ends[:, 0]] + radius[ends[:, 1]]
    rounds = int(min(300, max(30, _PAIR_STEPS / count**2)))
    heat = float(np.abs(place).max() + 1) / 5
    for step in range(rounds):
        apart = place[:, None, :] - place[None, :, :]
        square = np.einsum("ijk,ijk->ij", apart, apart) + np.float32(0.01)
        push = np.einsum("ij,ijk->ik", (2 * radius[:, None] * radius[None, :]) / square, apart) * 0.4
        along = place[ends[:, 1]] - place[ends[:, 0]]
        distance = np.sqrt(np.sum(along**2, axis=1, keepdims=True)) + np.float32(1e-3)
        pull = along * (distance / rest[:, None]) / 2
        np.add.at(push, ends[:, 0], pull)
        np.subtract.at(push, ends[:, 1], pull)
        push -= place * np.float32(0.02)
        length = np.sqrt(np.sum(push**2, axis=1, keepdims=True)) + np.float32(1e-6)
        place = place + push / length * np.minimum(length, heat * (1 - step / rounds) + 0.02)
    place = _without_overlap(place, radius)
    return {id: place[number[id]].astype(np.float64) for id in core}


def _without_overlap(place: NDArray[np.float32], radius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pushed apart where discs of what hangs on nodes lie upon each other."""
    least = radius[:, None] + radius[None, :] + np.float32(0.3)
    for _ in range(int(min(40, max(5, _PAIR_STEPS / 10 / len(place) ** 2)))):
        apart = place[:, None, :] - place[None, :, :]
        distance = np.sqrt(np.einsum("ijk,ijk->ij", apart, apart)) + np.float32(1e-3)
        lack = np.maximum(least - distance, 0)
        np.fill_diagonal(lack, 0)
        if not lack.any():
            break
        place = place + np.einsum("ij,ijk->ik", lack / distance, apart) * np.float32(0.45)
    return place


def _sectors(groups: Sequence[str]) -> NDArray[np.float32]:
    """Starting places: a sector for each group, its nodes in a spiral about the middle of the sector."""
    names = sorted(set(groups))
    members: dict[str, int] = defaultdict(int)
    places = []
    for group in groups:
        angle = 2 * math.pi * names.index(group) / len(names)
        nth = members[group]
        members[group] += 1
        spread = 0.3 * math.sqrt(nth / max(len(groups), 1))
        places.append(
            (
                (0.7 * math.cos(angle) if len(names) > 1 else 0.0) + spread * math.cos(nth * _GOLDEN),
                (0.7 * math.sin(angle) if len(names) > 1 else 0.0) + spread * math.sin(nth * _GOLDEN),
            )
        )
    return np.array(places, dtype=np.float32)


def _put_back(
    taken: Mapping[str, str],
    places: Places,
    near: Mapping[str, set[str]],
    sizes: Mapping[str, float],
) -> None:
    """Leaves as a spiral around their parent, each as far from the next as its own leaves need."""
    children: dict[str, list[str]] = defaultdict(list)
    for id, parent in taken.items():
        children[parent].append(id)
    for parent, ids in children.items():
        middle = places[parent]
        others = [places[id] for id in sorted(near[parent]) if id in places]
        away = middle - np.mean(others, axis=0) if others else np.zeros(2)
        turn = math.atan2(away[1], away[0])
        area = 0.6
        for nth, id in enumerate(ids):
            area += sizes[id] / 2
            distance = _SPREAD * math.sqrt(area)
            area += sizes[id] / 2
            angle = turn + nth * _GOLDEN
            places[id] = middle + distance * np.array((math.cos(angle), math.sin(angle)))


def _in_unit_square(places: Places) -> Positions:
    """Scaled alike in both directions, in the middle."""
    all_places = np.array(list(places.values()))
    low, high = all_places.min(axis=0), all_places.max(axis=0)
    side = float((high - low).max()) or 1.0
    shifted = (all_places - (low + high) / 2) / side + 0.5
    return {id: (float(x), float(y)) for id, (x, y) in zip(places, shifted, strict=True)}
