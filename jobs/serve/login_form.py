"""The login form, a page of its own without anything from elsewhere."""

from html import escape
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Interestream: log in</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 15vh auto; width: 22rem; max-width: 90%; }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; }}
label, button {{ margin-top: .5rem; }}
</style>
</head>
<body>
<h1>Interestream</h1>
<form method="post">
<label for="key">Key of this server</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
<p role="alert">{message}</p>
</body>
</html>
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
_LONGEST = 10_000


def form(message: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """The form, with a sentence below it."""
    return HTMLResponse(_PAGE.format(message=escape(message)), status, _HEADERS)


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form as a browser sends it; of a body that is too long, none.

    >>> read_form(b"key=a+b%21")
    {'key': 'a b!'}
    """
    if len(body) > _LONGEST:
        return {}
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=10))
    except ValueError:
        return {}
