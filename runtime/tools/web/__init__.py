"""Reading the web without reaching what is inside the house."""
