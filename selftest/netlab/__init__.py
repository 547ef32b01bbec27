"""A real network for selftests and benchmarks: Linux namespaces as hosts, nftables between them (root on Linux)."""

from netlab.ground import available
from netlab.lab import NetLab
from netlab.spec import LabHost, LabSpec, Rule, Service

__all__ = ["LabHost", "LabSpec", "NetLab", "Rule", "Service", "available"]
