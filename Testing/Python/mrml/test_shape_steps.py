"""Steps on models undone and redone, also after the scene was saved; recipes told and replayed."""

import numpy as np
import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.mesh.deviation import Deviation
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.mrml.case_stages import case_models
from FluoroPrintLib.mrml.deviations import keep_deviation, show_deviation
from FluoroPrintLib.mrml.files import open_case, write_case
from FluoroPrintLib.mrml.models import add_model, distinct_colour, surface_from_node, warnings_at
from FluoroPrintLib.mrml.provenance import provenance_of_scene, source_of
from FluoroPrintLib.mrml.recipes import add_made, cut_as_planned, making_of, replay, shape
from FluoroPrintLib.mrml.shape_steps import (
    is_undone,
    operation_of,
    redo,
    redo_lacking,
    results_of,
    steps_to,
    undo,
    undo_lacking,
)
from FluoroPrintLib.planning.plan import Figure, Plan, Planned
from FluoroPrintLib.shape.combine import CombineParameters
from FluoroPrintLib.shape.cut import CutParameters
from FluoroPrintLib.shape.drill import DrillParameters
from FluoroPrintLib.shape.planned import PlannedCutsParameters
from FluoroPrintLib.shape.recipe import read_steps, written_steps
from FluoroPrintLib.shape.saw import SawParameters
from FluoroPrintLib.shape.size import MirrorParameters, ScaleParameters
from FluoroPrintLib.shape.solids import engine, solid_of, surface_of

HOLE = DrillParameters((0.0, 0.0, 20.0), diameter_mm=4.0)


def cube_node(scene, name="Femur", size=20.0):
    surface = surface_of(engine().Manifold.cube((size,) * 3, True))
    return add_model(scene, NamedModel(name, (0.89, 0.85, 0.75), surface))


def models_of(scene):
    count = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    nodes = (scene.GetNthNodeByClass(n, "vtkMRMLModelNode") for n in range(count))
    return [node for node in nodes if not node.GetHideFromEditors()]


def state_of(scene):
    """What a user sees of the models: names, places, colours, what is shown, what came of what."""
    return {
        node.GetName(): (
            points_of(node.GetPolyData()).tobytes(),
            node.GetDisplayNode().GetColor(),
            node.GetDisplayNode().GetVisibility(),
            source_of(node).GetName() if source_of(node) else "",
            written_steps(steps_to(node)),
            tuple(warnings_at(node).items()),
        )
        for node in models_of(scene)
    }


def names(nodes):
    return [node.GetName() for node in nodes]


def shown(scene):
    return [node.GetName() for node in models_of(scene) if node.GetDisplayNode().GetVisibility()]


def test_a_step_is_undone_and_redone(scene):
    node = cube_node(scene)
    (drilled,) = shape(scene, node, "drill", HOLE)
    after = state_of(scene)
    assert shown(scene) == ["Femur drilled"]
    assert undo(drilled) is node
    assert shown(scene) == ["Femur"]
    assert [model.GetName() for model in models_of(scene)] == ["Femur"]
    assert case_models(node) == (node,)
    assert "Femur drilled" not in str(provenance_of_scene(scene))
    assert names(redo(node)) == ["Femur drilled"]
    assert state_of(scene) == after
    assert "Femur drilled" in str(provenance_of_scene(scene))


def coloured(node):
    points = node.GetPolyData().GetNumberOfPoints()
    keep_deviation(node, Deviation(0.1, 0.2, 0.3, np.linspace(-0.3, 0.3, points)), "segment Femur")
    show_deviation(node, shown=True)
    return node


def test_a_model_whose_legend_alone_is_shown_is_none_of_the_visible_ones(scene):
    (mirrored,) = shape(scene, cube_node(scene), "mirror")
    coloured(source_of(mirrored))
    assert case_models(mirrored) == (mirrored,)


def test_the_legend_of_deviations_goes_and_comes_with_its_model(scene):
    node = coloured(cube_node(scene))
    legend = node.GetNthDisplayNode(1)
    (drilled,) = shape(scene, node, "drill", HOLE)
    assert not legend.GetVisibility()
    assert case_models(drilled) == (drilled,)
    undo(drilled)
    assert legend.GetVisibility()
    show_deviation(node, shown=False)
    undo(redo(node)[0])
    assert not legend.GetVisibility()


def test_all_parts_of_a_cut_go_and_come_together(scene):
    node = cube_node(scene)
    parts = shape(scene, node, "cut", CutParameters())
    parts[1].GetDisplayNode().SetVisibility(False)
    undo(parts[1])
    assert shown(scene) == ["Femur"]
    assert names(redo(node)) == ["Femur part 1", "Femur part 2"]
    assert shown(scene) == ["Femur part 1"]


def test_what_was_made_later_is_to_be_undone_first(scene):
    node = cube_node(scene)
    first, second = shape(scene, node, "saw", SawParameters())
    (drilled,) = shape(scene, second, "drill", HOLE)
    assert undo_lacking(first) == '"Femur part 2 drilled" was made after it: undo that first.'
    with pytest.raises(FluoroPrintError, match="undo that first"):
        undo(first)
    undo(drilled)
    assert undo(first) is node


def test_two_steps_on_one_model_are_undone_apart(scene):
    node = cube_node(scene)
    (drilled,) = shape(scene, node, "drill", HOLE)
    (scaled,) = shape(scene, node, "scale", ScaleParameters(2.0))
    undo(drilled)
    undo(scaled)
    assert names(redo(node)) == ["Femur at 200 %"]
    assert names(redo(node)) == ["Femur drilled"]
    assert redo_lacking(node) == "Nothing was undone on this model."


def test_another_step_overtakes_what_was_undone(scene):
    node = cube_node(scene)
    (drilled,) = shape(scene, node, "drill", HOLE)
    (mirrored,) = shape(scene, drilled, "mirror", MirrorParameters())
    undo(mirrored)
    undo(drilled)
    count = scene.GetNumberOfNodes()
    (anew,) = shape(scene, node, "drill", HOLE)
    assert anew.GetName() == "Femur drilled"
    assert results_of(node) == (anew,)
    assert scene.GetNumberOfNodes() < count
    assert redo_lacking(node)
    assert redo_lacking(anew)


def test_a_model_that_was_not_shaped_has_nothing_to_undo(scene):
    with pytest.raises(FluoroPrintError, match="no step to undo"):
        undo(cube_node(scene))


def test_a_step_whose_source_is_gone_stays(scene):
    node = cube_node(scene)
    (drilled,) = shape(scene, node, "drill", HOLE)
    scene.RemoveNode(node)
    assert "not in the scene any more" in undo_lacking(drilled)
    assert [step.operation.name for step in steps_to(drilled)] == ["drill"]


def saved_as_bundle(scene, folder):
    write_case(scene, folder / "case.mrb")
    scene.Clear(False)
    open_case(scene, folder / "case.mrb")


def saved_as_files(scene, folder):
    path = str(folder / "case.mrml")
    for model in models_of(scene):
        model.AddDefaultStorageNode()
        storage = model.GetStorageNode()
        storage.SetFileName(str(folder / f"{model.GetName()}.vtk"))
        assert storage.WriteData(model)
    scene.SetURL(path)
    assert scene.Commit(path)
    scene.Clear(False)
    scene.SetURL(path)
    scene.Connect()


@pytest.mark.parametrize("save", [saved_as_bundle, saved_as_files])
def test_steps_are_undone_and_redone_after_the_scene_was_saved(scene, tmp_path, save):
    node = cube_node(scene)
    before = state_of(scene)
    parts = shape(scene, node, "cut", CutParameters())
    with_parts = state_of(scene)
    (drilled,) = shape(scene, parts[0], "drill", HOLE)
    after = state_of(scene)
    undo(drilled)
    save(scene, tmp_path)
    part = scene.GetFirstNodeByName("Femur part 1")
    assert state_of(scene).keys() == with_parts.keys()
    (drilled,) = redo(part)
    assert shown(scene) == ["Femur part 2", "Femur part 1 drilled"]
    places = points_of(drilled.GetPolyData())
    np.testing.assert_allclose(
        places, np.frombuffer(after["Femur part 1 drilled"][0]).reshape(-1, 3), atol=1e-5
    )
    assert state_of(scene)["Femur part 1 drilled"][4] == after["Femur part 1 drilled"][4]
    assert undo(undo(drilled)) is scene.GetFirstNodeByName("Femur")
    assert state_of(scene).keys() == before.keys()


def random_step(rng):
    """A step that each piece of a cube stands."""
    place, way = tuple(rng.uniform(-1, 1, 3)), tuple(rng.normal(0, 1, 3))
    return [
        ("drill", DrillParameters(place, way, 1.0)),
        ("saw", SawParameters(place, way, 0.2)),
        ("cut", CutParameters(place, way)),
        ("scale", ScaleParameters(float(rng.uniform(0.9, 1.1)))),
        ("mirror", MirrorParameters()),
    ][rng.integers(5)]


@pytest.mark.parametrize("seed", range(3))
def test_random_steps_undone_and_redone_return_to_equal_states(scene, seed):
    rng = np.random.default_rng(seed)
    chosen, states, at = cube_node(scene), [state_of(scene)], 0
    counted = {"shape": 0, "undo": 0, "redo": 0}
    while sum(counted.values()) < 20:
        what = rng.choice(["shape", "shape", "undo", "redo"])
        if what == "shape":
            try:
                chosen = shape(scene, chosen, *random_step(rng))[0]
            except FluoroPrintError:  # missed, so nothing was done
                assert state_of(scene) == states[at]
                continue
            states, at = [*states[: at + 1], state_of(scene)], at + 1
        elif what == "undo" and not undo_lacking(chosen):
            chosen, at = undo(chosen), at - 1
        elif what == "redo" and not redo_lacking(chosen):
            chosen, at = redo(chosen)[0], at + 1
        else:
            assert at in (0, len(states) - 1)
            continue
        counted[what] += 1
        assert state_of(scene) == states[at]
    assert min(counted.values()) > 0


def test_the_chain_is_told_as_a_recipe_with_the_parts_that_were_taken(scene):
    node = cube_node(scene)
    _, second = shape(scene, node, "saw", SawParameters())
    first, _ = shape(scene, second, "cut", CutParameters((0.0, 0.0, 5.0)))
    (drilled,) = shape(scene, first, "drill", HOLE)
    steps = steps_to(drilled)
    assert [(step.operation.name, step.part) for step in steps] == [
        ("saw", ""),
        ("cut", "part 2"),
        ("drill", "part 2/part 1"),
    ]
    assert written_steps(read_steps(written_steps(steps))) == written_steps(steps)
    assert steps_to(node) == ()


def test_a_replay_equals_the_steps_done_one_by_one(scene, other_scene):
    node = cube_node(scene)
    _, second = shape(scene, node, "saw", SawParameters())
    (mirrored,) = shape(scene, second, "mirror", MirrorParameters())
    (drilled,) = shape(scene, mirrored, "drill", HOLE)
    made = replay(other_scene, cube_node(other_scene), read_steps(written_steps(steps_to(drilled))))
    assert state_of(other_scene) == state_of(scene)
    assert [part.GetName() for part in made] == ["Femur part 1", "Femur part 2 mirrored drilled"]
    assert undo(undo(undo(made[1]))).GetName() == "Femur"
    assert shown(other_scene) == ["Femur"]


def test_a_replayed_step_takes_a_second_model(scene):
    (made,) = replay(
        scene, cube_node(scene), read_steps('[{"operation": "combine"}]'), cube_node(scene, "Block", 30.0)
    )
    assert np.abs(points_of(made.GetPolyData())).max() == 15.0
    assert operation_of(made) == "combine"


def test_a_recipe_that_fails_at_its_end_leaves_nothing(scene):
    node = cube_node(scene)
    before, count = state_of(scene), scene.GetNumberOfNodes()
    steps = read_steps('[{"operation": "saw"}, {"operation": "drill", "entry_ras_mm": [90, 0, 0]}]')
    with pytest.raises(FluoroPrintError, match="Step 2, drill"):
        replay(scene, node, steps)
    assert (state_of(scene), scene.GetNumberOfNodes()) == (before, count)


def sawn(scene, node, progress):
    return shape(scene, node, "saw", SawParameters(), progress=progress)


def replayed(scene, node, progress):
    return replay(
        scene, node, read_steps('[{"operation": "saw"}, {"operation": "mirror"}]'), progress=progress
    )


@pytest.mark.parametrize(
    ("work", "reports"), [(sawn, 0), (sawn, 1), (replayed, 0), (replayed, 1), (replayed, 2)]
)
def test_a_cancel_leaves_nothing_and_keeps_what_was_undone(scene, work, reports):
    node = cube_node(scene)
    undo(shape(scene, node, "drill", HOLE)[0])
    before, count, heard = state_of(scene), scene.GetNumberOfNodes(), []

    def cancel(fraction, message):
        heard.append(message)
        if len(heard) > reports:
            raise Cancelled

    with pytest.raises(Cancelled):
        work(scene, node, cancel)
    assert (state_of(scene), scene.GetNumberOfNodes()) == (before, count)
    assert is_undone(results_of(node)[0])


def test_a_replay_is_computed_apart_from_the_scene(scene):
    node = cube_node(scene)
    making = making_of(
        node, read_steps('[{"operation": "combine", "way": "subtract"}]'), cube_node(scene, "B", 5.0)
    )
    count = scene.GetNumberOfNodes()
    made = making(lambda fraction, message: None)
    assert scene.GetNumberOfNodes() == count
    assert [result.GetName() for result in add_made(scene, node, made)] == ["Femur reduced"]


def test_a_recipe_of_planned_cuts_holds_the_implants_also_after_undo_and_saving(scene, tmp_path):
    node, cup = cube_node(scene), {"points": {"centre": ((0.0, 0.0, 10.0),)}}
    cup["directions"], cup["figures"] = {"axis": ((0.0, 0.0, 1.0),)}, {"diameter": Figure(12.0, "mm")}
    plan = Plan(objects=(Planned("c-1", "Cup", "cup", **cup),))
    ((made,), _) = cut_as_planned(scene, node, plan, PlannedCutsParameters(cut_implants=True))
    steps = read_steps(written_steps(steps_to(redo(undo(made))[0])))
    (again,) = replay(scene, cube_node(scene, "Tibia"), steps)
    volumes = [solid_of(surface_from_node(each)).volume() for each in (made, again)]
    assert volumes[0] == pytest.approx(8000 - 2 / 3 * np.pi * 6**3, rel=0.01)
    assert volumes[1] == pytest.approx(volumes[0], rel=1e-6)
    damaged = written_steps(steps).replace('"shape": "', '"shape": "!')
    with pytest.raises(FluoroPrintError, match="Step 1 of the recipe: its shape is damaged"):
        read_steps(damaged)


def test_combining_without_a_second_model_is_refused(scene):
    with pytest.raises(FluoroPrintError, match="needs a second model"):
        shape(scene, cube_node(scene), "combine", CombineParameters())


@pytest.mark.parametrize("colour", [(0.89, 0.85, 0.75), (0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0)])
def test_parts_are_told_from_their_source_and_each_other_by_colour(colour):
    colours = np.array([colour, distinct_colour(colour, 0), distinct_colour(colour, 1)])
    for one, two in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(colours[one] - colours[two]).max() > 0.2
