"""Language models: the port, the client for OpenAI-compatible endpoints, and the embedded default."""
