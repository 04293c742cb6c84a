"""What readings mean: states against limits, a verdict with its reasons, and whether it lasts."""
