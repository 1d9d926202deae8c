"""cancelctl, the command line of this project."""
