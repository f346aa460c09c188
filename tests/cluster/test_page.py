"""The page beside a real job: what a person does there changes what the person sees."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

from jobs.local.page import local_page
from jobs.local.stack import stack
from jobs.simulator import simulated_dataset
from jobs.spaces.build import documents
from tests.cluster.recomputed import wait_committed
from tests.fixtures.browser import Browsing


def items_of(page: Page) -> list[str]:
    """The list of recommendations, by item."""
    found: list[str] = page.eval_on_selector_all(
        "[data-testid=recommendation]", "rows => rows.map(row => row.dataset.item)"
    )
    return found


@pytest.mark.cluster
def test_an_event_that_is_sent_from_the_page_changes_the_list_that_is_open(
    dsn: str, bundle_dir: Path, tmp_path: Path, browsing: Browsing
) -> None:
    dataset = simulated_dataset(seed=31, users=60, events=1_000, items=150, days=5)
    with stack(dsn, bundle_dir, documents(dataset.items()), tmp_path / "job") as running:
        items = running.feed.write_items(dataset.items())
        wait_committed(dsn, running.space_id, "items", items)
        events = running.feed.write_events(dataset.events())
        wait_committed(dsn, running.space_id, "events", events)
        streams, log = running.feed.root, tmp_path / "page.log"
        with local_page(dsn, streams, log, accepts=["events"]) as served:
            assert served.sentence() == f"The page: {served.address}"
            page = browsing.open(f"{served.address}/users")
            page.click("[data-testid=users] a[href^='/user?']")
            page.wait_for_selector("[data-testid=recommendation]")
            before = items_of(page)
            page.click("[data-testid=recommendation]:nth-child(2) [data-choose-item]")
            assert page.input_value("[data-testid=event-item]") == before[1]
            page.select_option("[data-testid=event-action]", "like")
            began_s = time.monotonic()
            page.click("[data-testid=feed-button]")
            page.wait_for_selector(
                f'[data-testid=recommendation][data-item="{before[1]}"]', state="detached"
            )
            took_s = time.monotonic() - began_s
            after = items_of(page)
            page.close()  # it would go on asking
    print(f"The list has changed {took_s:.2f} s after the event was sent.")
    assert before[1] not in after
    assert len(after) == len(before)
