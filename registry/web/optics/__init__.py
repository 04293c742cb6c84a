"""What pages about optics draw: limits as bands, readings over time."""
