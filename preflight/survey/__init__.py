"""Asks all probes in few rounds and records what was observed."""
