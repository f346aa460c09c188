"""Lists every topic of the simulated catalogue."""

from jobs.simulator.topics.arts import ARTS
from jobs.simulator.topics.food import FOOD
from jobs.simulator.topics.home import HOME
from jobs.simulator.topics.mind import MIND
from jobs.simulator.topics.outdoors import OUTDOORS
from jobs.simulator.topics.science import SCIENCE
from jobs.simulator.topics.topic import Topic

TOPICS: tuple[Topic, ...] = (*FOOD, *OUTDOORS, *ARTS, *SCIENCE, *HOME, *MIND)
