from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', 'America/New_York')
from_utc_timestamp('2026-07-05 10:00:00', 'Europe/Paris')
from_utc_timestamp(TIMESTAMP'2026-03-08 07:00:00', 'America/New_York')
to_utc_timestamp(TIMESTAMP'2026-03-08 02:30:00', 'America/New_York')
to_utc_timestamp(TIMESTAMP'2026-11-01 01:30:00', 'America/New_York')
to_utc_timestamp('2026-01-05', 'Asia/Kolkata')
from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', '+05:30')
from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', 'PST')
from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', 'Nowhere/None')
from_utc_timestamp(TIMESTAMP'2026-01-05 10:00:00', NULL)
convert_timezone('America/New_York', 'Europe/Paris', TIMESTAMP_NTZ'2026-01-05 10:00:00')
convert_timezone('Europe/Paris', TIMESTAMP_NTZ'2026-01-05 10:00:00')
convert_timezone('UTC', 'America/New_York', '2026-11-01 05:30:00')
current_timezone()
TIMESTAMP'2026-03-08 02:30:00 America/New_York'
TIMESTAMP'2026-11-01 01:30:00 America/New_York'
TIMESTAMP'2026-01-05 10:00:00 UTC+3'
TIMESTAMP'2026-01-05 10:00:00 Z'
TIMESTAMP'2026-01-05 10:00:00 EST'
CAST('2026-01-05 10:00:00 Asia/Tokyo' AS TIMESTAMP)
CAST(TIMESTAMP_NTZ'2026-03-08 02:30:00' AS TIMESTAMP)
CAST(TIMESTAMP'2026-01-05 10:00:00' AS TIMESTAMP_NTZ)
CAST(TIMESTAMP'2026-01-05 10:00:00Z' AS STRING)
CAST(TIMESTAMP'2026-01-05 03:00:00Z' AS DATE)
TIMESTAMP'2026-03-08 01:30:00' + INTERVAL 1 HOUR
TIMESTAMP'2026-03-07 02:30:00' + INTERVAL 1 DAY
TIMESTAMP'2026-03-08 00:00:00' + INTERVAL 24 HOURS
date_trunc('DAY', TIMESTAMP'2026-01-05 03:00:00Z')
date_trunc('HOUR', TIMESTAMP'2026-11-01 05:30:00Z')
hour(TIMESTAMP'2026-01-05 03:00:00Z')
date_format(TIMESTAMP'2026-01-05 03:00:00Z', 'yyyy-MM-dd HH:mm z')
from_unixtime(1767582000)
unix_timestamp('2026-01-05 00:00:00')
to_date(TIMESTAMP'2026-01-05 03:00:00Z')
make_timestamp(2026, 3, 8, 2, 30, 0)
make_timestamp(2026, 1, 5, 10, 0, 0, 'America/New_York')
timestampdiff(HOUR, TIMESTAMP'2026-03-08 00:00:00', TIMESTAMP'2026-03-09 00:00:00')
timestampdiff(DAY, TIMESTAMP'2026-03-08 00:00:00', TIMESTAMP'2026-03-09 00:00:00')
datediff(TIMESTAMP'2026-01-05 03:00:00Z', DATE'2026-01-01')
sequence(TIMESTAMP'2026-03-08 00:00:00', TIMESTAMP'2026-03-09 00:00:00', INTERVAL 6 HOURS)
to_json(struct(TIMESTAMP'2026-01-05 10:00:00Z' AS t))
TIMESTAMP'2026-01-05 10:00:00' AT TIME ZONE 'America/New_York'
SELECT at, from_utc_timestamp(at, 'Asia/Kolkata'), date(at), hour(at), CAST(at AS STRING), date_trunc('DAY', at) FROM requests ORDER BY id
SELECT date(at) AS day, count(*) FROM requests GROUP BY ALL ORDER BY ALL
make_timestamp(2026, 1, 5, 10, 20, 30.5, 'Asia/Tokyo')
make_timestamp(2026, 3, 8, 2, 30, 0, 'America/New_York'), make_timestamp(2026, 11, 1, 1, 30, 0, 'America/New_York')
try_make_timestamp(2026, 13, 5, 10, 20, 30.5, 'Europe/Paris'), make_timestamp_ltz(2026, 1, 5, 10, 20, 30.5, 'UTC')
make_timestamp(2026, 13, 5, 10, 20, 30.5, 'Europe/Paris')
make_timestamp(NULL, 1, 5, 10, 20, 30.5, 'Europe/Paris')
make_timestamp_ntz(2026, 1, 5, 10, 20, 30.5, 'UTC')
try_make_timestamp_ltz(2026, 1, 5, 10, 20, 30.5, 'Europe/Paris')
