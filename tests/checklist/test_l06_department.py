"""L06: the users' department numbers are in an attribute that the site has named."""

import pytest

CONFIRM = """Ask whether it holds the department's number or cost centre, and write down which attribute does:
directory:
  attributes: {{department: {}}}"""


@pytest.mark.item("L06")
def test_users_have_a_department(directory):
    """In the attribute that the site names; single users without one are an advisory."""
    fill, department = directory.fill("department"), directory.attribute("department")

    assert not fill.rare, directory.lacking(f"{fill.missing} of {fill.users} users have no department: {fill.why_none}")
    if department.named_by != "site":
        raise directory.unknown(
            f"the site has not said which attribute holds the department number; {fill.name} is usual, and filled in",
            do=CONFIRM.format(fill.name),
        )
    directory.whole()
    if fill.missing:
        directory.advise(f"{fill.missing} of {fill.users} users have no department ({fill.name})")
    directory.note(f"{department.distinct} different departments")
