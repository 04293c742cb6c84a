"""Products: the catalogue of hardware, optics and software, with their specifications and documents."""
