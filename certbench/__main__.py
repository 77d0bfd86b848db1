"""`python -m certbench`, for where the command is not on the PATH."""

from certbench import main

main()
