"""Facts of a host that checks judge: each is a few reads and a pure parser of what came back."""
