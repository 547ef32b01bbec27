"""Views of a run: terminal, JUnit, cells of the HTML report."""
