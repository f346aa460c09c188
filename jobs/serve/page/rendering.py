"""The templates: everything is escaped, and a name that is missing is an error."""

import jinja2

from jobs.serve.page.links import item_path, user_path
from jobs.serve.page.numbers import chance, number, percent
from jobs.serve.page.score_bars import score_bars
from jobs.serve.page.times import ago, moment


def make_templates() -> jinja2.Environment:
    """Return the environment of `templates/` with the filters that they use."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jobs.serve.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ago": ago,
        "chance": chance,
        "item_path": item_path,
        "moment": moment,
        "number": number,
        "percent": percent,
        "score_bars": score_bars,
        "user_path": user_path,
    }
    return environment
