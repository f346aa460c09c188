"""`interestream serve`: what the database and the health checks say, over HTTP."""
