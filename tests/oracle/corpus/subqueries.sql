(SELECT col1 FROM VALUES (1, 2) AS t)
(SELECT 1)
(SELECT 1 WHERE FALSE)
(SELECT col1 FROM VALUES (1), (2))
(SELECT 1, 2)
1 IN (SELECT 1)
1 NOT IN (SELECT NULL)
EXISTS (SELECT 1 WHERE FALSE)
NOT EXISTS (SELECT 1)
(SELECT max(id) FROM people) + 1
SELECT col2, col1 FROM VALUES (1, 2)
SELECT a FROM VALUES (1), (2) AS t(a) WHERE a > 1
SELECT t.a FROM (SELECT 1 AS a) t
SELECT * FROM (SELECT 1 AS a, 2 AS b)
SELECT * EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b)
SELECT * EXCEPT (zz) FROM (SELECT 1 AS a)
SELECT t.* FROM (SELECT 1 AS a) t
WITH c AS (SELECT 1 AS a) SELECT a FROM c
WITH c(x, y) AS (SELECT 1, 2) SELECT y, x FROM c
WITH a AS (SELECT 1 AS v), b AS (SELECT v + 1 AS v FROM a) SELECT * FROM b
WITH a AS (SELECT 1 AS v) SELECT * FROM a, (WITH a AS (SELECT 2 AS v) SELECT * FROM a) b
WITH people AS (SELECT 1 AS one) SELECT * FROM people
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r ORDER BY n
WITH t AS (SELECT * FROM requests) SELECT count(*) FROM t WHERE tokens > (SELECT avg(tokens) FROM t)
SELECT name FROM people WHERE id IN (SELECT person FROM requests) ORDER BY id
SELECT name FROM people WHERE id NOT IN (SELECT person FROM requests) ORDER BY id
SELECT name FROM people WHERE id NOT IN (SELECT person FROM requests WHERE person IS NOT NULL) ORDER BY id
SELECT name FROM people p WHERE EXISTS (SELECT 1 FROM requests r WHERE r.person = p.id AND r.tokens > 100) ORDER BY id
SELECT name FROM people p WHERE NOT EXISTS (SELECT 1 FROM requests r WHERE r.person = p.id) ORDER BY id
SELECT name, (SELECT count(*) FROM requests r WHERE r.person = p.id) AS n FROM people p ORDER BY id
SELECT name, (SELECT max(tokens) FROM requests r WHERE r.person = p.id) AS n FROM people p ORDER BY id
SELECT id FROM requests r WHERE tokens = (SELECT max(tokens) FROM requests s WHERE s.person = r.person) ORDER BY id
SELECT id FROM requests WHERE (person, model) IN (SELECT person, model FROM requests WHERE tokens > 50) ORDER BY id
SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY model ORDER BY tokens DESC) AS rn FROM requests) WHERE rn = 1 ORDER BY id
SELECT m, n FROM (SELECT model AS m, count(*) AS n FROM requests GROUP BY model) x WHERE n > 2 ORDER BY m
SELECT nothing FROM people
SELECT people.nothing FROM people
SELECT p.name FROM people
SELECT * FROM nothing
SELECT id FROM people WHERE name = 'Ada' AND id = (SELECT min(id) FROM people q WHERE q.name = people.name)
FROM people SELECT name WHERE id = 1
FROM people |> WHERE id = 1 |> SELECT name
SELECT name FROM people WHERE id > ALL (SELECT 2)
TABLE people
