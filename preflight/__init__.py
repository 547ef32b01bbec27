"""SafeQ Preflight: asks real hosts what the vendor's installation page requires, and reports the truth."""

__version__ = "0.1.0"
