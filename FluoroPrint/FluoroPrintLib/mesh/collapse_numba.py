"""Edges of a mesh collapsed while every point of the input stays within its limit. Needs numba.

Quadric placement (Garland and Heckbert, SIGGRAPH 1997) in passes of growing cost instead of a heap. Points of
the input hang on the face that they are nearest to; a collapse that would leave one further than its limit
from all the faces about it is not done (in the sense of Kobbelt, Campagna and Seidel, Graphics Interface
1998).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ..arrays import BoolArray, Float64Array, IntArray
from .closest_numba import boxed, is_near, place_on_face

MOST_FACES, MOST_POINTS = 48, 3000  # about an edge; where there are more, it stays
LEAST_TURN = 0.3  # cosine between a face's normal before and after
LEAST_SHAPE = 0.02  # of a face: four roots of three times its area by its sides' squares; 1 is equilateral
SAMPLES = ((1 / 3, 1 / 3), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (1 / 6, 1 / 6), (2 / 3, 1 / 6), (1 / 6, 2 / 3))
NONE = -1


class Collapsing(NamedTuple):
    """A mesh while edges collapse. Faces of points NONE are gone.

    Attributes
    ----------
    points : (P, 3) float32 values, and `faces` (F, 3)
    quadrics : (P, 10) of the planes about each point, by area: xx xy xz yy yz zz x y z 1
    weights : (P,) areas that went into the quadrics
    corner, next_corner : (P,), (3 F,) a chain of corners (3 face + corner) of each point
    inputs, limits : (N, 3) points of the input, (N,) squares of how far each may lie from the surface
    hung, next_hung : (F,), (N,) a chain of inputs of each face
    owner : (P,) the piece that may move it; NONE for none
    fixed : (P,) those that stay, where the surface is open or touches itself
    changed, judged : (P,), (3 F,) when faces about a point changed; when the cost of a side was found
    costs : (3 F,) infinite where the side must stay
    sides, number, low, high : faces of the input and the boxes over them, see `BoxedFaces`
    """

    points: Float64Array
    faces: IntArray
    quadrics: Float64Array
    weights: Float64Array
    corner: IntArray
    next_corner: IntArray
    inputs: Float64Array
    limits: Float64Array
    hung: IntArray
    next_hung: IntArray
    owner: IntArray
    fixed: BoolArray
    changed: IntArray
    judged: IntArray
    costs: Float64Array
    sides: Float64Array
    number: IntArray
    low: Float64Array
    high: Float64Array


def collapsing(points: Float64Array, triangles: IntArray, limits_mm: Float64Array) -> Collapsing:
    """Return the state before the first collapse; each point of the mesh is an input, with its limit (P,)."""
    count, faces, boxes = len(points), len(triangles), boxed(points[triangles])
    state = Collapsing(
        points.copy(),
        triangles.astype(np.int32),
        np.zeros((count, 10)),
        np.zeros(count),
        np.full(count, NONE, np.int32),
        np.full(3 * faces, NONE, np.int32),
        points,
        limits_mm**2,
        np.full(faces, NONE, np.int32),
        np.full(count, NONE, np.int32),
        np.zeros(count, np.int32),
        np.zeros(count, bool),
        np.zeros(count, np.int64),
        np.full(3 * faces, NONE, np.int64),
        np.zeros(3 * faces),
        boxes.sides,
        boxes.number,
        boxes.low,
        boxes.high,
    )
    _begin(state)
    return state


@njit(cache=True, nogil=True)
def furthest_input(m: Collapsing) -> float:
    """Return the greatest squared distance of an input from the face that it hangs on, if none is nearer."""
    furthest, one = 0.0, np.empty((1, 3, 3))
    for f in range(len(m.faces)):
        if m.faces[f, 0] == -1:
            continue
        for i in range(3):
            one[0, 0, i] = m.points[m.faces[f, 0], i]
            one[0, 1, i] = m.points[m.faces[f, 1], i] - one[0, 0, i]
            one[0, 2, i] = m.points[m.faces[f, 2], i] - one[0, 0, i]
        n = m.hung[f]
        while n != -1:
            square = place_on_face(m.inputs[n, 0], m.inputs[n, 1], m.inputs[n, 2], one, 0)[0]
            furthest = max(furthest, square)
            n = m.next_hung[n]
    return furthest


@njit(cache=True, nogil=True)
def _begin(m):  # type: ignore[no-untyped-def]
    """Enter faces into the chains and the quadrics, and hang each point on one of its faces."""
    for f in range(len(m.faces)):
        a, b, c = m.faces[f]
        p, q, r = m.points[a], m.points[b], m.points[c]
        ux, uy, uz = q[0] - p[0], q[1] - p[1], q[2] - p[2]
        vx, vy, vz = r[0] - p[0], r[1] - p[1], r[2] - p[2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        doubled = np.sqrt(nx * nx + ny * ny + nz * nz)
        if doubled > 0:
            nx, ny, nz = nx / doubled, ny / doubled, nz / doubled
        d, w = -(nx * p[0] + ny * p[1] + nz * p[2]), doubled / 6
        for k in range(3):
            n = m.faces[f, k]
            m.next_corner[3 * f + k] = m.corner[n]
            if m.corner[n] == -1:
                m.next_hung[n], m.hung[f] = m.hung[f], n
            m.corner[n] = 3 * f + k
            m.weights[n] += w
            row = m.quadrics[n]
            row[0] += w * nx * nx
            row[1] += w * nx * ny
            row[2] += w * nx * nz
            row[3] += w * ny * ny
            row[4] += w * ny * nz
            row[5] += w * nz * nz
            row[6] += w * nx * d
            row[7] += w * ny * d
            row[8] += w * nz * d
            row[9] += w * d * d
    for n in range(len(m.points)):
        if not _is_fan(m, n):
            m.fixed[n] = True


@njit(cache=True, nogil=True)
def _is_fan(m, n):  # type: ignore[no-untyped-def]
    """Tell whether the faces at a point follow each other in one closed ring."""
    count, corner = 0, m.corner[n]
    while corner != -1:
        count += 1
        corner = m.next_corner[corner]
    here = m.corner[n]
    for step in range(count):
        wanted = m.faces[here // 3, (here % 3 + 2) % 3]
        found, corner = -1, m.corner[n]
        while corner != -1:
            if m.faces[corner // 3, (corner % 3 + 1) % 3] == wanted:
                if found != -1:
                    return False
                found = corner
            corner = m.next_corner[corner]
        here = found
        if here == -1 or (here == m.corner[n]) != (step == count - 1):
            return False
    return True


@njit(cache=True, nogil=True)
def collapse_pass(
    m: Collapsing, chosen: IntArray, piece: int, most_cost: float, most_mm: float, start: int
) -> int:
    """Collapse the sides of the chosen faces that cost less; return how many went.

    Only points that the piece owns move. `start` is a time later than that of any pass before. Samples of the
    new faces are held to within `most_mm` of the input where it is not 0.
    """
    star = np.empty(MOST_FACES, np.int32)
    fresh = np.empty((MOST_FACES, 3, 3))
    hung, place = np.empty(MOST_POINTS, np.int32), np.empty(MOST_POINTS, np.int32)
    q, x, stack = np.empty(10), np.empty(3), np.empty(64, np.int64)
    done = 0
    for f in chosen:
        for k in range(3):
            a, b = m.faces[f, k], m.faces[f, (k + 1) % 3]
            if a == -1:
                break
            if a > b or m.owner[a] != piece or m.owner[b] != piece:
                continue
            side = 3 * f + k
            known = m.judged[side] > max(m.changed[a], m.changed[b])
            if known and m.costs[side] >= most_cost:
                continue
            cost = _cheapest(m, a, b, q, x)
            m.judged[side] = start + done + 1
            m.costs[side] = cost
            if cost >= most_cost:
                continue
            faces, gone = _star(m, a, b, star)
            if faces < 3 or gone != 2 or not _keeps_topology(m, a, b):
                m.costs[side] = np.inf
                continue
            count = 0
            for attempt in range(2):
                if attempt == 1:
                    for i in range(3):
                        x[i] = np.float32((m.points[a, i] + m.points[b, i]) / 2)
                if _keeps_sides(m, a, b, x, star, faces, fresh):
                    count = _rehung(m, star, faces, fresh, hung, place)
                    if count >= 0 and (most_mm == 0 or _stays_near(m, fresh, faces, most_mm, stack)):
                        break
                count = -1
            if count < 0:
                m.costs[side] = np.inf
                continue
            done += 1
            _collapse(m, a, b, q, x, star, faces, start + done)
            for n in range(count):
                g = star[place[n]]
                m.next_hung[hung[n]], m.hung[g] = m.hung[g], hung[n]
            break
    return done


@njit(cache=True, nogil=True)
def _value(q, x, y, z):  # type: ignore[no-untyped-def]
    return (
        q[0] * x * x
        + 2 * q[1] * x * y
        + 2 * q[2] * x * z
        + q[3] * y * y
        + 2 * q[4] * y * z
        + q[5] * z * z
        + 2 * (q[6] * x + q[7] * y + q[8] * z)
        + q[9]
    )


@njit(cache=True, nogil=True)
def _cheapest(m, a, b, q, x):  # type: ignore[no-untyped-def]
    """Put the sum of quadrics and the best place for both points into q and x; return the cost there."""
    q[:] = m.quadrics[a] + m.quadrics[b]
    p, r = m.points[a], m.points[b]
    mx, my, mz = (p[0] + r[0]) / 2, (p[1] + r[1]) / 2, (p[2] + r[2]) / 2
    length = (p[0] - r[0]) ** 2 + (p[1] - r[1]) ** 2 + (p[2] - r[2]) ** 2
    # A little of a quadric that draws to the middle keeps flat places from being undetermined.
    soft = 1e-3 * (m.weights[a] + m.weights[b])
    xx, xy, xz, yy, yz, zz = q[0] + soft, q[1], q[2], q[3] + soft, q[4], q[5] + soft
    gx = -(q[0] * mx + q[1] * my + q[2] * mz + q[6])
    gy = -(q[1] * mx + q[3] * my + q[4] * mz + q[7])
    gz = -(q[2] * mx + q[4] * my + q[5] * mz + q[8])
    cxx, cxy, cxz = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    cyy, cyz, czz = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
    det = xx * cxx + xy * cxy + xz * cxz
    sx = (cxx * gx + cxy * gy + cxz * gz) / max(det, 1e-300)
    sy = (cxy * gx + cyy * gy + cyz * gz) / max(det, 1e-300)
    sz = (cxz * gx + cyz * gy + czz * gz) / max(det, 1e-300)
    if not sx * sx + sy * sy + sz * sz < 4 * length:
        sx, sy, sz = 0.0, 0.0, 0.0
    x[0], x[1], x[2] = np.float32(mx + sx), np.float32(my + sy), np.float32(mz + sz)
    return max(_value(q, x[0], x[1], x[2]), 0.0) + 1e-4 * length * (m.weights[a] + m.weights[b])


@njit(cache=True, nogil=True)
def _star(m, a, b, star):  # type: ignore[no-untyped-def]
    """Put the faces at a or b but not both into `star`, then those at both; return how many of each."""
    count, gone, one, two = 0, 0, -1, -1
    for turn in range(2):
        n, other = (a, b) if turn == 0 else (b, a)
        corner = m.corner[n]
        while corner != -1:
            f = corner // 3
            corner = m.next_corner[corner]
            if m.faces[f, 0] == -1:
                continue
            if m.faces[f, 0] == other or m.faces[f, 1] == other or m.faces[f, 2] == other:
                if turn == 0:
                    gone += 1
                    one, two = two, f
                continue
            if count == MOST_FACES - 2:
                return 0, 0
            star[count] = f
            count += 1
    star[count], star[count + 1] = one, two
    return count, gone


@njit(cache=True, nogil=True)
def _keeps_topology(m, a, b):  # type: ignore[no-untyped-def]
    """Tell whether a and b have two neighbours in common, no more: else the surface would pinch."""
    common = 0
    corner = m.corner[a]
    while corner != -1:
        f = corner // 3
        if m.faces[f, 0] != -1:
            n = m.faces[f, (corner + 1) % 3]
            other = m.corner[b]
            while other != -1:
                g = other // 3
                if m.faces[g, 0] != -1 and m.faces[g, (other % 3 + 1) % 3] == n:
                    common += 1
                other = m.next_corner[other]
        corner = m.next_corner[corner]
    return common == 2


@njit(cache=True, nogil=True)
def _keeps_sides(m, a, b, x, star, count, fresh):  # type: ignore[no-untyped-def]
    """Put the faces with x for a and b into `fresh`; tell whether none of them turns over or is a sliver."""
    for n in range(count):
        f = star[n]
        p, q, r = m.points[m.faces[f, 0]], m.points[m.faces[f, 1]], m.points[m.faces[f, 2]]
        ux, uy, uz = q[0] - p[0], q[1] - p[1], q[2] - p[2]
        vx, vy, vz = r[0] - p[0], r[1] - p[1], r[2] - p[2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in range(3):
            c = m.faces[f, k]
            for i in range(3):
                fresh[n, k, i] = m.points[c, i] if c not in (a, b) else x[i]
        for i in range(3):
            fresh[n, 1, i] -= fresh[n, 0, i]
            fresh[n, 2, i] -= fresh[n, 0, i]
        u, v = fresh[n, 1], fresh[n, 2]
        ox, oy, oz = u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
        was, now = nx * nx + ny * ny + nz * nz, ox * ox + oy * oy + oz * oz
        if nx * ox + ny * oy + nz * oz <= LEAST_TURN * np.sqrt(was * now):
            return False
        uu, vv = u[0] * u[0] + u[1] * u[1] + u[2] * u[2], v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
        uv = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
        if 3.4641 * np.sqrt(now) < LEAST_SHAPE * 2 * (uu + vv - uv):
            return False
    return True


@njit(cache=True, nogil=True)
def _rehung(m, star, count, fresh, hung, place):  # type: ignore[no-untyped-def]
    """Find the nearest fresh face for each input on the star; return how many, -1 where one is too far."""
    found = 0
    for n in range(count + 2):
        p = m.hung[star[n]]
        while p != -1:
            if found == MOST_POINTS:
                return -1
            x, y, z = m.inputs[p, 0], m.inputs[p, 1], m.inputs[p, 2]
            least, nearest = np.inf, 0
            for f in range(count):
                square = place_on_face(x, y, z, fresh, f)[0]
                if square < least:
                    least, nearest = square, f
            if least > m.limits[p]:
                return -1
            hung[found], place[found] = p, nearest
            found += 1
            p = m.next_hung[p]
    return found


@njit(cache=True, nogil=True)
def _stays_near(m, fresh, count, most_mm, stack):  # type: ignore[no-untyped-def]
    """Tell whether samples across the fresh faces are near the input: several of each."""
    for n in range(count):
        for k in range(len(SAMPLES)):
            s, t = SAMPLES[k]
            x = fresh[n, 0, 0] + s * fresh[n, 1, 0] + t * fresh[n, 2, 0]
            y = fresh[n, 0, 1] + s * fresh[n, 1, 1] + t * fresh[n, 2, 1]
            z = fresh[n, 0, 2] + s * fresh[n, 1, 2] + t * fresh[n, 2, 2]
            if not is_near(x, y, z, most_mm * most_mm, m.sides, m.low, m.high, stack):
                return False
    return True


@njit(cache=True, nogil=True)
def _collapse(m, a, b, q, x, star, count, now):  # type: ignore[no-untyped-def]
    """Make one point of a and b, and empty the chains of inputs."""
    m.points[a], m.quadrics[a] = x, q
    m.weights[a] += m.weights[b]
    for n in range(count, count + 2):
        f = star[n]
        m.hung[f] = -1
        for k in range(3):
            m.changed[m.faces[f, k]] = now
        m.faces[f, 0] = -1
    m.corner[a], m.corner[b] = -1, -1
    m.changed[a] = now
    for n in range(count):
        f = star[n]
        m.hung[f] = -1
        for k in range(3):
            c = m.faces[f, k]
            if c == b:
                m.faces[f, k] = a
            if c in (a, b):
                m.next_corner[3 * f + k] = m.corner[a]
                m.corner[a] = 3 * f + k
            else:
                m.changed[c] = now
