"""The Web API, a noun a file."""
