"""python -m registry, and the command `assetcare`."""

from registry.cli import main

if __name__ == "__main__":
    main()
