"""The sign-off page, a room a file: what a customer reads, and signs."""
