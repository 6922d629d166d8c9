extract(DAYOFWEEK FROM DATE'2026-11-29')
extract(DAYOFWEEK_ISO FROM DATE'2026-11-29')
extract(WEEK FROM DATE'2027-01-01')
extract(SECOND FROM TIMESTAMP'2026-01-05 10:00:00.089')
extract(EPOCH FROM TIMESTAMP'2026-01-05 10:00:00')
extract(CENTURY FROM DATE'2026-01-05')
extract(MONTHS FROM DATE'2026-01-05')
extract(DAYS FROM INTERVAL '3 04:05:06' DAY TO SECOND)
extract(SECONDS FROM INTERVAL '04:05:06.789' HOUR TO SECOND)
datediff(MONTH, DATE'2026-01-31', DATE'2026-02-28')
datediff(YEAR, DATE'2025-12-31', DATE'2026-01-01')
datediff(DAY, TIMESTAMP'2026-01-01 23:00:00', TIMESTAMP'2026-01-02 01:00:00')
datediff(HOUR, TIMESTAMP'2026-01-01 23:59:00', TIMESTAMP'2026-01-02 00:01:00')
datediff(WEEK, DATE'2026-01-04', DATE'2026-01-11')
datediff(DATE'2026-01-05', DATE'2026-01-01')
datediff('2026-01-05', TIMESTAMP'2026-01-01 23:59:59')
dateadd(MONTH, 1, DATE'2026-01-31')
dateadd(YEAR, 1, DATE'2024-02-29')
dateadd(HOUR, 5, TIMESTAMP'2026-01-05 22:00:00')
dateadd(DAY, 1, '2026-01-05')
dateadd(MICROSECOND, 1, TIMESTAMP'2026-01-05 00:00:00')
date_add(DAY, 1, DATE'2026-01-05')
timestampadd(HOUR, 1, DATE'2026-01-05')
timestampdiff(SECOND, TIMESTAMP'2026-01-05 00:00:00', TIMESTAMP'2026-01-05 00:00:01.9')
add_months(DATE'2026-01-31', 1)
add_months(DATE'2024-02-29', 12)
add_months('2026-03-31', -1)
last_day(DATE'2024-02-01')
last_day('2026-13-01')
next_day(DATE'2026-01-05', 'Mon')
next_day(DATE'2026-01-05', 'tuesday')
next_day(DATE'2026-01-05', 'xx')
months_between(DATE'2026-02-28', DATE'2026-01-31')
months_between(DATE'2026-03-31', DATE'2026-02-28')
months_between('1997-02-28 10:30:00', '1996-10-30')
months_between('1997-02-28 10:30:00', '1996-10-30', false)
date_trunc('WEEK', DATE'2026-01-04')
date_trunc('week', TIMESTAMP'2026-01-05 10:00:00')
date_trunc('QUARTER', TIMESTAMP'2026-05-05 10:00:00')
date_trunc('MILLISECOND', TIMESTAMP'2026-01-05 10:00:00.123456')
date_trunc('HOUR', TIMESTAMP'1969-12-31 23:30:00')
date_trunc(DAY, TIMESTAMP'2026-01-05 10:00:00')
date_trunc('xx', TIMESTAMP'2026-01-05 10:00:00')
trunc(DATE'2026-05-05', 'MM')
trunc(DATE'2026-05-05', 'xx')
trunc(DATE'2026-05-05', 'WEEK')
weekday(DATE'2026-01-05')
dayofweek(DATE'2026-01-05')
dayofyear(DATE'2024-12-31')
weekofyear(DATE'2026-12-31')
dayname(DATE'2026-01-05')
monthname(DATE'2026-01-05')
make_date(2026, 2, 29)
make_date(2024, 2, 29)
make_date(NULL, 1, 1)
make_timestamp(2026, 1, 5, 10, 0, 0.5)
make_timestamp(2026, 1, 5, 10, 0, 60)
make_timestamp(2026, 1, 5, 10, 0, 61)
make_timestamp(2026, 1, 5, 10, 0, 0, 'Europe/Paris')
make_timestamp(2026, 1, 5, 25, 0, 0)
try_make_timestamp(2026, 1, 5, 25, 0, 0)
make_timestamp_ntz(2026, 1, 5, 10, 0, 0)
make_timestamp_ltz(2026, 1, 5, 10, 0, 0)
to_date('2026-01-05')
to_date('2026-01-05 10:00:00')
to_date('x')
try_to_date('x')
to_date('05/01/2026', 'dd/MM/yyyy')
to_date('5/1/2026', 'dd/MM/yyyy')
to_date('5/1/2026', 'd/M/y')
to_timestamp('2026-01-05 10:00:00')
to_timestamp('2026-01-05')
to_timestamp('2026-01-05T10:00:00.123+01:00')
to_timestamp('x')
try_to_timestamp('x')
to_timestamp_ntz('2026-01-05 10:00:00')
to_timestamp_ltz('2026-01-05 10:00:00')
to_unix_timestamp('2026-01-05', 'yyyy-MM-dd')
unix_timestamp('2026-01-05 10:00:00')
unix_timestamp(TIMESTAMP'2026-01-05 10:00:00.9')
unix_timestamp(DATE'2026-01-05')
from_unixtime(0)
from_unixtime(1767607200)
from_unixtime(1767607200, 'yyyy-MM-dd')
from_unixtime(-1, 'HH:mm:ss')
timestamp_seconds(1767607200)
timestamp_seconds(1.5)
timestamp_seconds(-1)
timestamp_millis(1767607200089)
timestamp_micros(1767607200089123)
unix_seconds(TIMESTAMP'1969-12-31 23:59:59.5')
unix_millis(TIMESTAMP'1969-12-31 23:59:59.9999')
unix_micros(TIMESTAMP'2026-01-05 10:00:00.123456')
unix_date(DATE'1969-12-31')
date_from_unix_date(-1)
date_from_unix_date(20000)
DATE'2026-01-31' + INTERVAL 1 MONTH
DATE'2026-01-05' + INTERVAL 1 HOUR
DATE'2026-01-05' - INTERVAL 1 WEEK
TIMESTAMP'2026-01-31 10:00:00' + INTERVAL 1 MONTH
TIMESTAMP'2026-01-05 10:00:00' - INTERVAL '1' DAY
TIMESTAMP'2026-01-05 10:00:00' + INTERVAL 90 MINUTES
TIMESTAMP'2026-01-05 10:00:00' - TIMESTAMP'2026-01-04 09:30:00'
DATE'2026-01-05' - DATE'2025-12-31'
DATE'2026-01-05' + 5
DATE'2026-01-05' - 5
TIMESTAMP'2026-01-05 10:00:00' + 1
DATE'2026-02-30'
TIMESTAMP'2026-01-05 25:00:00'
DATE'2026-1-5'
DATE'2026'
TIMESTAMP'2026-01-05'
TIMESTAMP'2026-01-05 10:00:00 America/New_York'
TIMESTAMP'2026-01-05T10:00:00.000+02:00'
TIMESTAMP'2026-01-05 10:00:00.123456789'
TIMESTAMP_NTZ'2026-01-05 10:00:00'
TIMESTAMP_LTZ'2026-01-05 10:00:00'
DATE'0000-01-01'
DATE'-0001-01-01'
DATE'1582-10-10'
current_date() = CAST(now() AS DATE)
now() = current_timestamp()
curdate() = current_date
typeof(now())
typeof(current_date())
typeof(localtimestamp())
date_part('DOW', DATE'2026-01-05')
date_part('MONTH', DATE'2026-01-05')
date_part('xx', DATE'2026-01-05')
datepart('YEAR', DATE'2026-01-05')
date_diff(DAY, DATE'2026-01-01', DATE'2026-01-05')
sequence(DATE'2026-01-01', DATE'2026-01-03')
sequence(DATE'2026-01-31', DATE'2026-04-30', INTERVAL 1 MONTH)
sequence(TIMESTAMP'2026-01-01 00:00:00', TIMESTAMP'2026-01-01 02:00:00', INTERVAL 1 HOUR)
hour('2026-01-05 10:11:12')
minute(TIMESTAMP'2026-01-05 10:11:12')
second(TIMESTAMP'2026-01-05 10:11:12.9')
hour(DATE'2026-01-05')
quarter(DATE'2026-12-31')
year(TIMESTAMP'2026-12-31 23:59:59')
greatest(DATE'2026-01-05', DATE'2026-01-06')
DATE'2026-01-05' BETWEEN '2026-01-01' AND '2026-01-31'
time_bucket(INTERVAL 5 MINUTES, TIMESTAMP'2026-01-05 10:07:00')
window(TIMESTAMP'2026-01-05 10:07:00', '10 minutes')
SELECT at, date_trunc('HOUR', at), hour(at), date(at), at + INTERVAL 1 DAY, unix_seconds(at), date_format(at, 'HH:mm') FROM requests ORDER BY id
SELECT joined, year(joined), dayofweek(joined), last_day(joined), add_months(joined, 12), datediff(DATE'2026-01-05', joined), joined + INTERVAL 1 MONTH, date_trunc('YEAR', joined) FROM people ORDER BY id
SELECT date_trunc('HOUR', at) AS h, count(*) FROM requests GROUP BY 1 ORDER BY 1
SELECT window(at, '6 hours').start AS w, count(*) FROM requests GROUP BY 1 ORDER BY 1
SELECT max(at) - min(at), min(joined), max(joined) - min(joined) FROM requests CROSS JOIN people
SELECT * FROM requests WHERE at >= TIMESTAMP'2026-01-05 03:00:00' AND at < '2026-01-05 05:00:00' ORDER BY id
try_make_timestamp_ntz(2026, 13, 1, 0, 0, 0)
try_make_timestamp_ltz(2026, 1, 5, 10, 0, 0)
make_time(10, 30, 5.5)
to_time('10:30:00')
TIME'10:30:00'
time_diff(HOUR, TIME'10:30:00', TIME'12:00:00')
time_trunc(HOUR, TIME'10:30:00')
typeof(current_time())
window_time(window(TIMESTAMP'2026-01-05 10:07:00', '10 minutes'))
