"""What codes are called: one place for each subject, so that every page says the same."""
