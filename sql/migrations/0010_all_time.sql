-- Counts of all time, which halve with every half-life of event time, and what orders items of equal weight.
ALTER TABLE interestream.trend_windows
ALTER COLUMN length DROP NOT NULL,
ALTER COLUMN window_start DROP NOT NULL,
ADD COLUMN half_life interval;
COMMENT ON TABLE interestream.trend_windows IS
'The window of each horizon: interactions of all items from window_start up to as_of, the event time reached, which is not after window_end; longer names the next longer horizon. All time has a half_life in place of length and window_start, and ends with the day of as_of. Written with the rows of trends, guarded by (epoch, version), version being all interactions counted.';
COMMENT ON COLUMN interestream.trend_windows.half_life IS
'Half-life of the counts over event time; null for a horizon that is a window.';

ALTER TABLE interestream.trends
ADD COLUMN longer_weight double precision,
ADD COLUMN standing double precision;
COMMENT ON TABLE interestream.trends IS
'The items with the most weight in the window of a horizon: positive interactions, the sum of their weights, and both in the next longer horizon (null for the longest). Of all time, interactions are decayed and rounded, and at least 1.';
COMMENT ON COLUMN interestream.trends.longer_weight IS
'Weight in the next longer horizon, which orders items of equal weight.';
COMMENT ON COLUMN interestream.trends.standing IS
'Logarithm to base 2 of the weight of all time, as of 1970: it orders items of equal longer_weight, and changes with interactions alone. Null where all time is not counted.';
