"""What `make` runs before there is a virtualenv: the standard library only.

Importing this package checks the interpreter, so this one file is written in the syntax of old Pythons.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the sentence for people whose python3 is older
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit("Python 3.11 or newer is needed and this is " + found + "; name another with make PYTHON=python3.11")
