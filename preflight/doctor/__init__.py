"""Looks at every host before anything else does: can it be talked to, with which rights, and what that blocks."""
