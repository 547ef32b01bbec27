"""Lists the plugins that make pytest the acceptance suite; everything they do is in fixtures/, one stage a file."""

pytest_plugins = [
    "fixtures.interrupted",  # first: Ctrl-C may come while the others load
    "fixtures.options",
    "fixtures.cases",
    "fixtures.compared",
    "fixtures.loading",
    "fixtures.checks",
    "fixtures.survey",
    "fixtures.outcomes",
    "fixtures.reporting",
    "fixtures.html_report",
    "fixtures.hosts",
    "fixtures.doctor",
]
