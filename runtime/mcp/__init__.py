"""Tools of MCP servers: foreign programs, which are asked politely, believed nothing, and ended for certain."""
