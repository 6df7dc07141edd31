"""Whether Discord would take these components, this modal; independent of whoever makes them."""
