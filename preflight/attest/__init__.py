"""`preflight attest`: asks a person about what no run could see, and keeps the answers as attestations."""
