"""How a host is talked to: testinfra backends that can also start an agent."""
