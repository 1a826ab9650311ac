"""`python -m segxl`, for machines where the command `segxl` is not on the path."""

from segxl.cli import main

if __name__ == "__main__":
    main()
