"""Waivers and attestations: what a person lays over an outcome, who allowed it, and until when."""
