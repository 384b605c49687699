"""`python -m guidepath` is the command `guidepath`."""

from guidepath.cli import main

if __name__ == "__main__":
    main()
