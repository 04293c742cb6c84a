"""What one sees first: figures, charts and what needs somebody, of a customer and of the house."""
