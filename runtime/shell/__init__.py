"""Shell commands, read and not run: what they would do, and whether a person has to be asked first."""
