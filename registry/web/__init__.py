"""What all routes share: who is asking, what a route demands, how errors and lists are answered."""
