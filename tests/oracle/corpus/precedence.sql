-- which operator binds tighter, and how words beside them are read
1 | 4 & 2
1 ^ 3 & 2, 1 | 3 ^ 2, 5 & 3 | 8, 6 & 3 ^ 5 | 8
'1' || 1 + 2
1 + 2 || 'a'
'a' || 2 * 3
-1 || 'a'
2 * 3 || 4 * 5
'a' || 1 - 2
NOT true || 'a'
1 + 1 << 2
1 & 1 << 2
1 << 2 + 1
1 << 2 | 1
8 >> 1 >> 1
1 < < 2
1 << 2 < 5
8 >> 1 = 4
1 << 31, 1 << 32, 1 << 33, 1 << -1, -1 << 1, -8 >> 1, -8 >> 33, -8 >>> 33, -8L >>> 1, 1L << 64, 1L << 63, -8L >>> 65
shiftleft(1, 33), shiftright(-8, 1), shiftrightunsigned(-8, 1)
'1' << '2', 1.9 << 1, -1.9D << 1, NULL << NULL, 1 << NULL
SELECT a >>> 1, a << 31, a >> a FROM (VALUES (1), (-1)) AS t(a)
SELECT a << 1, a >>> 2 FROM (VALUES (1S), (-1S)) AS t(a)
1 << true
true << 1
1 << 5000000000
1 IN (1) = true
1 IS NULL = true
1 = 2 IS NULL
1 = 2 < true
1 = 1 = true
1 < 2 = true
NULL = 1 IS NULL
1 + 1 IS NULL
1 = 1 IN (true)
1 + 1 IN (2)
1 < 2 BETWEEN false AND true
'a' || 'b' LIKE 'ab'
'a' = 'a' IS TRUE
1 < 2 IS NOT DISTINCT FROM true
NOT 1 = 2
NOT 1 IN (2)
NOT 1 IS NULL
NOT true AND false, NOT (true AND false), ! true OR true
true OR false AND false
- 1::STRING || 'a', -1.5::INT, -1::STRING::INT, -(1)::STRING
SELECT -id::STRING, - id * 2, -id % 2 FROM people
- - 1, -(-1), - 2 * 3, -2 % 3, - 5 div 2
5 - 3 - 1, 8 / 2 / 2, 2 * 3 % 4, 7 div 2 * 2, 2 + 3 * 4, (2 + 3) * 4
~1 & 3 | 4, ~ 1 + 1, -~1
1 < 2 & 3
1 & 2 = 2
CASE WHEN 1 > 0 THEN 1 END + 1
1 AS from, 2 AS order, 3 AS where, 4 AS group, 5 AS by
1 AS select
SELECT a FROM (SELECT 1 AS a) AS select
(SELECT 1 FROM)
SELECT 1 limit
array() < array(2), array(1)[0], array(1) = array(2), map('a', 1)['a'], struct(1 AS a).a
SELECT CAST(id AS STRING), id::INT + 1, try_cast((ID) AS STRING), upper(CAST(id AS STRING)), (id::STRING) FROM people
SELECT CAST(s.a AS STRING), CAST(tags.a AS STRING), s.a, tags.a FROM (SELECT struct(1 AS a) AS s, map('a', 1) AS tags)
SELECT 1 AS a, CAST(a AS STRING)
SELECT CAST(id AS STRING) FROM people a JOIN people b USING (id)
SELECT CAST(a.id AS STRING) FROM people a ORDER BY id
SELECT * FROM (SELECT CAST(id AS STRING) FROM people) WHERE id = '1'
substr('abc', 2, 1), substring('abc' FROM 2 FOR 1), position('b', 'abc', 2), position('b' IN 'abc')
TIMESTAMP'2026-01-05 10:00:00 America/New_York' AS x
SELECT model, sum(tokens) AS s FROM requests GROUP BY model QUALIFY rank() OVER (ORDER BY s DESC) <= 2 ORDER BY 2
SELECT model, tokens FROM requests QUALIFY sum(tokens) OVER (PARTITION BY model) > 1000
SELECT model, rank() OVER (ORDER BY sum(tokens) DESC) AS r FROM requests GROUP BY model QUALIFY r <= 2 AND sum(tokens) > 1 ORDER BY 2
