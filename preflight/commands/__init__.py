"""The subcommands of `preflight`, a module each: `HELP`, `add(parser)` and `run(told, rest)` -> exit code."""
