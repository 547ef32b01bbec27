"""One model of everything that came out of a run, and where it is kept."""
