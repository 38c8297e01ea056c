"""`python -m anogen` is the same command as `anogen`."""

from anogen.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
