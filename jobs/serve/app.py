"""The application of `interestream serve`: metrics, health, the API; routers are added here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from interestream.pseudonyms import Pseudonyms
from jobs.asking.space_bundle import SpaceBundle
from jobs.config import Config
from jobs.health.document import health_document, worst_state
from jobs.health.verdict import State, Verdict
from jobs.serve.access import Access, login_router
from jobs.serve.api.routers import api_router
from jobs.serve.api.schema import describe
from jobs.serve.append.streams import Streams
from jobs.serve.asking import Asking
from jobs.serve.body_limit import BodyLimit
from jobs.serve.database import Database
from jobs.serve.exposition import GivenFamilies
from jobs.serve.in_words import InWords
from jobs.serve.latest import Latest
from jobs.serve.page.add_pages import add_pages
from jobs.serve.page.context import Page
from jobs.serve.problems import add_problems
from jobs.serve.read_metrics import MetricsReader
from jobs.serve_settings import Serve


def make_app(
    dsn: str,
    settings: Serve,
    look: Callable[[], list[Verdict]],
    folders: dict[str, Path],
    pseudonyms: Pseudonyms | None = None,
    streams: Streams | None = None,
    config: Config | None = None,
) -> FastAPI:
    """Return the application.

    `look` judges the job's health and may block; `folders` are those whose disks are measured;
    `pseudonyms` are those of a job with `privacy.pseudonyms`, `streams` what may be appended to;
    `config` is that of the job: the page goes by its windows and actions, and its encoder is loaded
    at the first request in words.
    """
    config = config or Config()
    database = Database(dsn, settings, size=1)
    questions = Database(dsn, settings, size=settings.pool_size)
    reader = MetricsReader(database, settings)

    async def judge() -> Sequence[Verdict]:
        return await asyncio.to_thread(look)

    health = Latest(judge, settings.cache_s)
    scrape = Latest(reader.read, settings.cache_s)
    looking: set[asyncio.Task[Sequence[Verdict]]] = set()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with database, questions:
            yield

    # No page of documentation: it would load scripts from other hosts.
    app = FastAPI(title="Interestream", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.asking = Asking(questions, pseudonyms)
    app.state.settings = settings
    app.state.streams = streams or Streams()
    app.state.in_words = InWords(
        app.state.asking,
        SpaceBundle(config.encoder),
        settings.counts_s,
        app.state.streams.appenders.get("events"),
    )
    add_problems(app)
    app.include_router(login_router(settings))
    app.include_router(api_router(settings))
    # The last one that is added sees a request first.
    app.add_middleware(BodyLimit, longest=settings.max_body_bytes)
    app.add_middleware(Access, settings=settings)
    describe(app, needs_key=bool(settings.api_key.get_secret_value()))

    @app.get("/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        """Whether this process answers; the database may be away."""
        return {"state": "ok"}

    @app.get("/health", include_in_schema=False)
    async def healthy() -> JSONResponse:
        """What `interestream health` says: 503 where a check is critical."""
        verdicts = await health.get()
        critical = worst_state(verdicts) is State.CRITICAL
        return JSONResponse(health_document(verdicts), 503 if critical else 200)

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """The metrics, in the format that the client asks for."""
        if not health.fresh and not looking:
            # Brokers may take seconds to answer: the next scrape has what they say.
            task = asyncio.create_task(health.get())
            looking.add(task)
            task.add_done_callback(looking.discard)
        families = GivenFamilies(await scrape.get(), health.newest or (), folders)
        registry = CollectorRegistry()
        registry.register(families)
        ProcessCollector(registry=registry)
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(await asyncio.to_thread(encode, registry), media_type=content_type)

    add_pages(
        app,
        Page(
            questions,
            settings,
            health,
            config.interest,
            config.actions,
            pseudonyms,
            config.limits.max_id_chars,
        ),
    )
    return app
