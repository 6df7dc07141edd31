"""Vectors of texts: by a model of our own, or by an endpoint."""
