"""A diagnosis with something of everything, for the tests of what is shown."""

from __future__ import annotations

from preflight.doctor.model import COLUMNS, Blocked, Diagnosis, Effect, Examination, Finding, Stage, Step, Typed

PAGE = tuple(f"W{n:02}" for n in range(1, 17)) + tuple(f"S{n:02}" for n in range(1, 16))
WORDS = ("ok", "ok", "ok 412 d", "ok", "PS 5.1 full", "admin", "0.0 s")


def steps(words: tuple[str, ...] = WORDS, failed: Stage | None = None, *, tls: bool = True) -> tuple[Step, ...]:
    """A host's steps: all well, or not ok at one stage and not reached behind it."""
    made: list[Step] = []
    for column, word in zip(COLUMNS, words, strict=True):
        if any(s.state == "not ok" for s in made):
            made.append(Step(column, "not reached", "-"))
        elif column == failed:
            made.append(Step(column, "not ok", "NOT OK", "seen"))
        elif column == "tls" and not tls:
            made.append(Step(column, "not looked at", "n/a"))
        else:
            made.append(Step(column, "ok", word))
    return tuple(made)


def lost(host: str, stage: Stage, kind: str, seen: str, *typed: Typed) -> Finding:
    """A finding that blocks whatever needs the host's agent."""
    blocked = Blocked("agent", ("W01", "W02", "W03", "S05"), frozenset(f"{r}:{host}" for r in ("W01", "W02")))
    effects: tuple[Effect, ...] = ("agent",)
    asked = f"winrm CORP\\preflight@{host}:5986 (https, ntlm)"
    return Finding(host, stage, kind, asked, seen, "Look at user and password.", True, typed, effects, (blocked,))


def everything() -> Diagnosis:
    """Six hosts and some printers."""
    way = "winrm CORP\\preflight@10.1.1.{}:5986 (https, ntlm)"
    long = "winrm enumerate winrm/config/listener; winrm get winrm/config; " * 3 + "exit"
    rights = Finding(
        "ors1",
        "rights",
        "not-elevated",
        "which rights preflight has",
        "logged in as preflight, not root",
        "Let the agents run as root by sudo, or manage the host as root.",
        True,
        (Typed("inventory", "hosts.ors1.manage.sudo: true"), Typed("on ors1", "sudo visudo -c")),
        ("low-ports", "owners"),
        (
            Blocked("low-ports", ("W01", "W04"), frozenset({"a", "b"})),
            Blocked("owners", PAGE, frozenset(map(str, range(70)))),
        ),
    )
    skew = Finding("ors1", "clock", "skew", "its clock", "75 s behind this machine's clock", "Set it right.", False)
    ors = steps(("ok", "ok", "", "ok", "Python 3.9", "", "-75 s"), tls=False)
    ors = tuple(Step(s.stage, "not ok", "NOT OK") if s.stage == "rights" else s for s in ors)
    hosts = (
        Examination("cml1", "10.1.1.11", way.format(11), steps(), (), False),
        Examination(
            "cml2",
            "10.1.1.12",
            way.format(12),
            steps(failed="login"),
            (lost("cml2", "login", "auth", "It did not accept the login.", Typed("here", long)),),
        ),
        Examination(
            "a-very-long-name-of-a-host-at-a-branch",
            "10.1.1.13",
            way.format(13),
            steps(failed="login"),
            (lost("a-very-long-name-of-a-host-at-a-branch", "login", "auth", "It did not accept the login."),),
        ),
        Examination("ors1", "10.2.1.11", "ssh preflight@10.2.1.11", ors, (rights, skew), None),
        Examination("dc1", "10.1.1.32", ""),
    )
    return Diagnosis(hosts, 9, 262, PAGE, ("A note.",), 4.25)
