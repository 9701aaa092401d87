"""Start the command line with ``python -m clustersim``."""

import sys

from clustersim.cli import main

if __name__ == "__main__":
    sys.exit(main())
