"""A simulated site that answers the agents' contract from a world described as data."""
