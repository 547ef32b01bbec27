"""Nothing is shared by all parts of the self-tests: each folder holds its own fixtures; this file marks the root."""
