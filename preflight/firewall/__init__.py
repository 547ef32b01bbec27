"""What a host's own packet filter would do to a flow, read out of its configuration. No I/O."""
