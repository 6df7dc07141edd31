"""A conversation in the local terminal."""
