SELECT id, model FROM requests QUALIFY row_number() OVER (PARTITION BY model ORDER BY id) = 1 ORDER BY id
SELECT id, row_number() OVER (PARTITION BY model ORDER BY id) AS r FROM requests QUALIFY r = 2 ORDER BY id
SELECT model, sum(tokens) FROM requests GROUP BY model QUALIFY rank() OVER (ORDER BY sum(tokens) DESC) <= 2 ORDER BY 2
SELECT id FROM requests QUALIFY tokens > 10
SELECT id FROM requests WHERE row_number() OVER (ORDER BY id) = 1
SELECT * FROM (SELECT person, model, tokens FROM requests) PIVOT (sum(tokens) FOR model IN ('opus', 'haiku')) ORDER BY person
SELECT * FROM (SELECT person, model, tokens FROM requests) PIVOT (sum(tokens) AS s, count(*) AS c FOR model IN ('opus' AS o, 'haiku' AS h)) ORDER BY person
SELECT * FROM (SELECT model, tokens FROM requests) PIVOT (max(tokens) FOR model IN ('opus'))
SELECT * FROM (SELECT person, model, tokens FROM requests) PIVOT (sum(tokens) FOR (person, model) IN ((1, 'opus') AS a, (2, 'gpt') AS b))
SELECT * FROM (SELECT 1 AS id, 10 AS a, 20 AS b) UNPIVOT (v FOR k IN (a, b))
SELECT * FROM (SELECT 1 AS id, 10 AS a, NULL AS b) UNPIVOT INCLUDE NULLS (v FOR k IN (a, b)) ORDER BY k
SELECT * FROM (SELECT 1 AS id, 10 AS a, NULL AS b) UNPIVOT (v FOR k IN (a AS `first`, b AS second))
SELECT id, p FROM requests LATERAL VIEW explode(parts) x AS p ORDER BY id, p
SELECT id, p FROM requests LATERAL VIEW OUTER explode(parts) x AS p ORDER BY id, p
SELECT id, pos, p FROM requests LATERAL VIEW posexplode(parts) x AS pos, p ORDER BY id, pos
SELECT id, k, v FROM requests LATERAL VIEW OUTER explode(tags) x AS k, v ORDER BY id, k
SELECT a, b FROM VALUES (array(1, 2), array('x')) AS t(l, m) LATERAL VIEW explode(l) AS a LATERAL VIEW explode(m) AS b ORDER BY 1
SELECT x.* FROM people LATERAL VIEW inline(array(struct(1 AS a, 2 AS b))) x WHERE id = 1
SELECT col FROM (SELECT 1) LATERAL VIEW explode(array(1, 2)) AS col
SELECT p.id, e.col FROM people p, LATERAL explode(array(1, 2)) e WHERE p.id < 3 ORDER BY 1, 2
SELECT * FROM explode(array(1, 2))
SELECT * FROM posexplode(array('a', 'b')) AS t(p, v)
SELECT * FROM inline(array(struct(1, 'a'), struct(2, 'b')))
SELECT * FROM stack(2, 1, 'a', 2, 'b') AS t(n, s)
SELECT explode(array(1, 2)), explode(array(3))
SELECT explode(array(1, 2)) + 1
SELECT 1 AS one, explode(map('a', 1)) AS (k, v)
SELECT id FROM people TABLESAMPLE (100 PERCENT) ORDER BY id
SELECT id FROM requests ORDER BY id LIMIT 3
SELECT id FROM requests ORDER BY id LIMIT 2 OFFSET 3
SELECT id FROM requests ORDER BY id OFFSET 10
SELECT id FROM requests LIMIT 0
SELECT id FROM requests LIMIT -1
SELECT id FROM requests ORDER BY id LIMIT ALL
SELECT id FROM requests ORDER BY id FETCH FIRST 2 ROWS ONLY
SELECT name, id FROM people SORT BY id DESC LIMIT 2
SELECT /*+ BROADCAST(people) */ name FROM people WHERE id = 1
SELECT count(*) FROM requests WHERE tokens > 10 -- a comment
SELECT id FROM people WHERE id = 1 /* nested /* comment */ */
SELECT sum(tokens) OVER w AS s FROM requests WINDOW w AS (PARTITION BY model ORDER BY id) ORDER BY id
SELECT id, sum(id) OVER (ORDER BY at RANGE BETWEEN INTERVAL 2 HOURS PRECEDING AND CURRENT ROW) AS s FROM requests WHERE at IS NOT NULL ORDER BY id
-- Rows of values.
SELECT stack(2, 1, 'a', 2, 'b')
SELECT stack(2, 1, 'a', 2.5, 'b')
SELECT stack(3, 1, 2)
SELECT stack(1, 1, 2)
SELECT stack(2, 1, 2, 3)
SELECT stack(0, 1)
SELECT stack(2, 1, 'a')
SELECT id, s.* FROM people LATERAL VIEW stack(2, name, 'n', team, 't') s AS v, k ORDER BY id, k
-- Rows where there is none.
SELECT * FROM VALUES (1),(2) AS t(a) LATERAL VIEW OUTER explode(array()) x AS y
SELECT explode_outer(array())
SELECT explode_outer(array(1))
SELECT posexplode_outer(map(1,2))
SELECT inline_outer(array(struct(1, 2)))
SELECT explode_outer(NULL::ARRAY<INT>)
SELECT id, explode_outer(parts) AS p FROM requests WHERE id < 4 ORDER BY id, p
