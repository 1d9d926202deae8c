"""What can go wrong with a local stack.

StackError            something failed; its text says what and how to mend it (exit code 1)
├── AlreadyRuns       a living stack has this name
├── NotRunning        no living stack has this name
└── Refused           the input is wrong, nothing was started (exit code 2)
"""


class StackError(Exception):
    """Something failed. The text names the cause and the way to mend it."""


class AlreadyRuns(StackError):
    """A living stack has this name."""


class NotRunning(StackError):
    """No living stack has this name."""


class Refused(StackError):
    """The input is wrong; nothing was started."""
