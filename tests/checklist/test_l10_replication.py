"""L10: the site has said whether users are replicated from LDAP, as is preferred, and how often."""

import pytest

READY_BLOCK = """Settle the times with the directory's administrator, and write them down (or `replication: false`):
directory:
  replication: {full: "daily 02:00-04:00", differential: 1h}"""
SHORTER = "Give it a longer window, fewer containers or a faster server: directory.replication.window_minutes."
RARER = "Have full runs less often (directory.replication.full), or name fewer containers or a faster server."


@pytest.mark.item("L10")
def test_replication_is_settled_and_fits_its_window(directory):
    """The wish is recorded; reading all users, as measured here, fits the site's window.

    With a window or without, it has to end before the next full run begins.
    """
    wish = directory.wish.replication
    if wish is None:
        raise directory.unknown("the site has not said whether and how often users are replicated", do=READY_BLOCK)
    if not wish.wanted:
        directory.remedy = "Write down how users get into SafeQ, or have them replicated."
        directory.advise("the site wants no replication from LDAP, which is preferred")
        return
    cost = directory.asked.replication
    directory.seen(f"in full {wish.full}, differences {wish.differential or 'never'}")
    if not wish.differential:
        directory.note("no differential runs: a new user waits for the next full one")
    if wish.window_minutes is None:
        directory.note("no window is named that a full run would have to fit: it is held against the next one's begin")
    every = f"{wish.full_every_s / 60:g} minutes"
    window = f"{every} from one full run to the next"
    if wish.window_minutes is not None:
        window = f"{wish.window_minutes:g} minutes"
    if cost.estimated_s is None:
        reads = directory.users
        directory.whole()
        directory.note(f"{reads.users} users are too few to measure by: nothing said against {window}")
        return
    directory.seen(f"reading {cost.users} users takes {cost.estimated_s:.1f} s of {window}, without writing into SafeQ")

    assert cost.fits is not False, directory.wrong(
        f"reading alone takes {cost.estimated_s / 60:.1f} minutes, and the window is {window}", do=SHORTER
    )
    assert cost.estimated_s <= wish.full_every_s, directory.wrong(
        f"reading alone takes {cost.estimated_s / 60:.1f} minutes, and a full run begins every {every}", do=RARER
    )
