"""From closed surfaces to the print bed: how they lie, whether they fit and print, what they take."""
