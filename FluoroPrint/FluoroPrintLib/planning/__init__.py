"""Planning: what shall be put into the bone, where, and how good that place is."""
