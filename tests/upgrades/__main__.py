"""Write down what the present version leaves: `python -m upgrades`, from the directory above."""

import os
import sys

from upgrades.recording import record

if __name__ == "__main__":
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    sys.stdout.write(f"{record()}\n")
