"""Ask from Python: `python examples/ask.py ada`."""

import os
import sys

from interestream import ItemFilter, Recommender, UnknownItemError


def main(user: str) -> None:
    with Recommender(os.environ["INTERESTREAM_DSN"]) as recommender:
        print("next:")
        for row in recommender.recommend(user, 3):
            print(f"  {row.rank}. {row.title} ({row.score:.2f}): {row.reason}")

        print("next, in English only:")
        for row in recommender.recommend(user, 3, where=ItemFilter(languages=["en"])):
            print(f"  {row.rank}. {row.title}")

        print("two pages without repeats:")
        for number, page in zip(range(2), recommender.pages(user, 2), strict=False):
            print(f"  page {number + 1}: {', '.join(row.title for row in page)}")

        try:
            recommender.similar_items("no such item")
        except UnknownItemError as error:
            print(f"a clear error: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
