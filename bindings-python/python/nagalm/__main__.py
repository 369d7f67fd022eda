"""The command line: ``python -m nagalm``, or ``nagalm`` where the package is installed."""

import signal
import sys


def main() -> int:
    """Does what ``sys.argv`` says; returns the code to exit with."""
    # Rust does not come back to Python to look whether Ctrl-C was pressed: it ends the program, as it does a program of Rust.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from nagalm._native import main

    sys.stdout.flush()
    return main(["nagalm", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
