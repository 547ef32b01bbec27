"""Judges recorded observations. No I/O."""
