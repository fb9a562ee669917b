"""The effect's options with the bone of the shipped sweep previewed."""

from scene_editor import edit, preview, shipped_head


def populate(editor, scene):
    """Reconstruct the shipped sweep coarsely; preview its bone in an empty segment."""
    preview(edit(editor, scene, shipped_head(), "Fluoro bone"))
