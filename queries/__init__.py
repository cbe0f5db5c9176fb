"""One question a file, and the catalogue that gives them parameters."""
