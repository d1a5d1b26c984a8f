"""`make test`: the developers' virtualenv and a browser if need be, then pytest, whose last word is ours."""

from __future__ import annotations

import os
import sys

from tools.bootstrap import DEV_LOCK, ensure, hand_over
from tools.browser import VARIABLE, find_or_install
from tools.progress import Steps, give_up, say

# A shell set up for a real Flowtly must not lead the tests there.
PRIVATE = ("FLOWTLY_", "BACKOFFICE_", "EMAIL_", "PORT")


def main() -> None:
    steps = Steps()
    ensure(DEV_LOCK, steps)
    chromium = find_or_install(steps)
    command = ["-m", "pytest", *sys.argv[1:]]
    if not chromium:
        if os.environ.get("CI"):
            give_up("CI is set and there is no Chromium: the browser journeys cannot run, which is a failure.")
        say("NO CHROMIUM: the browser journeys are skipped. To run them: apt install chromium", out=sys.stderr)
        command[2:2] = ["-p", "tools.no_browser"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
    hand_over(command, {**kept, VARIABLE: chromium})


if __name__ == "__main__":
    main()
