"""The JSON API of `interestream serve`: each function that asks is an endpoint below `/api/v1`.

An endpoint is a query of `interestream/queries.py` and the type of its rows. To add one:

1. Write the query in `interestream/queries.py`, its row in `interestream/rows.py`, and the methods
   of both clients. The docstrings become the descriptions of the schema.
2. A parameter with a new name gets its type, bounds and sentence in `parameters.py`.
3. Add a line to the router of its group (`recommending.py`, `similarity.py`, `users.py`, ...):
   `add_question(router, queries.recommend, rows.Recommended, settings)`; a new group is a function
   from the settings to a router, and is named in `routers.py`.

`add_question` makes `GET /api/v1/NAME` with typed parameters and `POST /api/v1/NAME` with the same
as members of a JSON object, for lists that are too long for an address. The answer is
`{"recommendation_id": ..., "rows": [...]}`. An endpoint that is no single query is a function of
its own that takes `Annotated[Asking, Depends(asking_of)]` and answers with `answer_with(...)`.
Errors need no code: `jobs/serve/problems.py` answers an AskError, a ProblemError and others.
"""
