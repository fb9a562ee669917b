import numpy as np
import pytest
from FluoroPrintLib.mesh import topology
from FluoroPrintLib.mesh.topology import components, edges_of, shells_of, side_pairs, sorted_with_places

rng = np.random.default_rng(4)


def test_edges_of_any_faces_are_those_counted_one_by_one():
    faces = np.stack([rng.permutation(12)[:3] for _ in range(60)])
    edges, of_side = edges_of(faces), {}
    for side, (start, end) in enumerate(zip(faces.ravel(), np.roll(faces, -1, axis=1).ravel(), strict=True)):
        of_side.setdefault((min(start, end), max(start, end)), []).append((side, 1 if start < end else -1))
    assert edges.ends.tolist() == [list(pair) for pair in sorted(of_side)]
    for number, pair in enumerate(sorted(of_side)):
        sides, ways = zip(*of_side[pair], strict=True)
        assert edges.count[number] == len(sides)
        assert edges.balance[number] == sum(ways)
        assert (edges.of_side.ravel()[list(sides)] == number).all()
        first = edges.first[number]
        assert edges.sides[first : first + len(sides)].tolist() == list(sides)
    assert all(edges.of_side.ravel()[one] == edges.of_side.ravel()[two] for one, two in side_pairs(edges))


def test_no_faces_have_no_edges():
    edges = edges_of(np.zeros((0, 3), np.int64))
    assert len(edges.count) == len(edges.ends) == len(edges.balance) == 0
    assert shells_of(np.zeros((0, 3), np.int64), edges)[0] == 0


@pytest.mark.parametrize("most", [50, 2**60])
def test_numbers_are_sorted_and_equal_ones_stay_as_they_come(most):
    keys = rng.integers(0, 50, 400) * (most // 50)
    found, places = sorted_with_places(keys)
    assert places.tolist() == sorted(range(400), key=lambda place: keys[place])
    assert np.array_equal(found, keys[places])


def test_the_compiled_loop_finds_the_same_sets_under_the_same_numbers(monkeypatch):
    pytest.importorskip("numba")
    pairs = rng.integers(0, 3000, (2500, 2))
    number, expected = components(3000, pairs)
    monkeypatch.setattr(topology, "WORTH_COMPILING", 0)
    again, found = components(3000, pairs)
    assert 100 < number == again
    assert np.array_equal(found, expected)
