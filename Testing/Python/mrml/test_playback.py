"""Browsing the run turns the panel: each frame stands where it was taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.nodes import node_to_world
from FluoroPrintLib.mrml.playback import FRAME_ROLE, add_playback, panel_poses, playback_of, remove_playback
from FluoroPrintLib.mrml.sweeps import add_sweep, detector_centres_ras
from FluoroPrintLib.mrml.volumes import volume_from_node


def assert_shows(browser, sweep, number):
    """Assert that the shown frame is the sweep's, and that its corner pixels lie on their own rays."""
    shown = volume_from_node(browser.GetNodeReference(FRAME_ROLE))
    np.testing.assert_array_equal(shown.array_kji[0], sweep.frames[number])
    for column, row in ((0, 0), (7, 0), (0, 5), (7, 5)):
        place = shown.ijk_to_ras @ [column, row, 0, 1]
        u, v, depth = sweep.geometry.ras_to_pixel[number] @ place
        assert (u / depth, v / depth, depth) == pytest.approx((column, row, 1200.5), abs=1e-4)


def test_each_frame_stands_on_the_panel_where_it_was_taken(scene, sweep):
    browser = add_playback(scene, add_sweep(scene, sweep, "Run"))
    assert browser.GetNumberOfItems() == 7
    for number in (0, 3, 6):
        browser.SetSelectedItemNumber(number)
        assert_shows(browser, sweep, number)


def test_a_saved_run_plays_in_a_new_scene(scene, other_scene, tmp_path, sweep):
    add_playback(scene, add_sweep(scene, sweep, "Run"))
    write_case(scene, tmp_path / "case.mrb")
    open_case(other_scene, tmp_path / "case.mrb")
    browser = other_scene.GetFirstNodeByName("Run browser")
    browser.SetSelectedItemNumber(5)
    assert_shows(browser, sweep, 5)


def test_the_middle_of_the_panel_is_the_detectors_centre(sweep):
    poses, spacing = panel_poses(sweep.geometry, "Run")
    middle = np.stack([3.5 * spacing[:, 0], 2.5 * spacing[:, 1], np.zeros(7), np.ones(7)], -1)
    found = np.einsum("nij,nj->ni", poses, middle)[:, :3]
    np.testing.assert_allclose(found, detector_centres_ras(sweep.geometry, 1200.5), atol=1e-9)
    np.testing.assert_allclose(spacing, [[0.9, 1.04]] * 7, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(poses), 1.0, atol=1e-9)


def test_a_sweep_of_unknown_distance_is_refused(scene, sweep):
    node = add_sweep(scene, replace(sweep, geometry=replace(sweep.geometry, sid_mm=None)), "Run")
    with pytest.raises(
        FluoroPrintError, match="'Run' cannot be shown in 3D: its distance source to detector"
    ):
        add_playback(scene, node)


def test_the_c_arm_s_corners_and_source_lie_on_the_rays_of_each_frame(scene, sweep):
    browser = add_playback(scene, add_sweep(scene, sweep, "Run"))
    arm = scene.GetFirstNodeByName("Run C-arm")
    right, bottom = sweep.geometry.columns - 0.5, sweep.geometry.rows - 0.5
    for number in (0, 4, 6):
        browser.SetSelectedItemNumber(number)
        points = np.array([arm.GetPolyData().GetPoint(n) for n in range(5)])
        np.testing.assert_allclose(points[0], sweep.geometry.sources_ras[number], atol=1e-6)
        u, v, depth = sweep.geometry.ras_to_pixel[number] @ np.c_[points[1:], np.ones(4)].T
        np.testing.assert_allclose(depth, 1200.5, atol=1e-6)
        np.testing.assert_allclose(u / depth, [-0.5, right, right, -0.5], atol=1e-6)
        np.testing.assert_allclose(v / depth, [-0.5, -0.5, bottom, bottom], atol=1e-6)


def test_the_rectangle_on_the_panel_covers_the_frame_and_shows_it(scene, sweep):
    browser = add_playback(scene, add_sweep(scene, sweep, "Run"))
    plane = scene.GetFirstNodeByName("Run frame on panel")
    browser.SetSelectedItemNumber(3)
    to_ras = node_to_world(plane)
    tcoords = plane.GetPolyData().GetPointData().GetTCoords()
    for n in range(4):
        u, v, depth = sweep.geometry.ras_to_pixel[3] @ to_ras @ [*plane.GetPolyData().GetPoint(n), 1.0]
        share = np.array([u / depth + 0.5, v / depth + 0.5]) / [sweep.geometry.columns, sweep.geometry.rows]
        np.testing.assert_allclose(share, tcoords.GetTuple2(n), atol=1e-5)
    shown = plane.GetDisplayNode().GetTextureImageDataConnection().GetProducer()
    shown.Update()
    assert shown.GetOutputDataObject(0).GetDimensions()[:2] == (sweep.geometry.columns, sweep.geometry.rows)


def test_what_plays_a_sweep_can_be_taken_away_again(scene, sweep):
    node = add_sweep(scene, sweep, "Run")
    before = {scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())}
    browser = add_playback(scene, node)
    assert playback_of(node) is browser
    remove_playback(node)
    left = [scene.GetNthNode(n) for n in range(scene.GetNumberOfNodes())]
    assert [n.GetID() for n in left if n.GetID() not in before and not n.GetSingletonTag()] == []
    assert playback_of(node) is None
    remove_playback(node)
