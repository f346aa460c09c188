"""The catalogue as a map: a sample of items in the plane of their vectors' two main directions."""
